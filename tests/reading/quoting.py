# ruff: noqa: E501 - the lines are as mail programs write them
"""How mail programs announce and mark what they quote, by their own language.

Observed forms: Gmail, Apple Mail, Thunderbird, Outlook (desktop, web, mobile), Yahoo, Proton, Naver,
Daum, QQ, NetEase, Notes, Zimbra, Roundcube, K-9, mutt.
"""

#: Intro lines above a quote whose lines begin with ">".
MARKED = {
    "gmail-en": "On Tue, May 26, 2026 at 4:05 PM Joint Letter <sign@letters.example> wrote:",
    "gmail-en-wrapped": "On Tue, May 26, 2026 at 4:05\u202fPM Joint Letter Secretariat <\nsign+abcdefghijklmnop@letters.example> wrote:",
    "gmail-ko": "2026년 5월 26일 (화) 오후 11:05, Joint Letter <sign@letters.example>님이 작성:",
    "gmail-ko-wrapped": "2026년 5월 26일 (화) 오후 11:05, Joint Letter Secretariat <\nsign@letters.example>님이 작성:",
    "gmail-ja": "2026年5月26日(火) 23:05 Joint Letter <sign@letters.example>:",
    "gmail-zh-cn": "Joint Letter <sign@letters.example> 于2026年5月26日周二 22:05写道：",
    "gmail-zh-tw": "Joint Letter <sign@letters.example> 於 2026年5月26日週二 下午10:05寫道：",
    "gmail-es": "El mar, 26 may 2026 a las 16:05, Joint Letter (<sign@letters.example>) escribió:",
    "gmail-fr": "Le mar. 26 mai 2026 à 16:05, Joint Letter <sign@letters.example> a écrit :",
    "gmail-pt": "Em ter., 26 de mai. de 2026 às 11:05, Joint Letter <sign@letters.example> escreveu:",
    "gmail-pt-pt": "Joint Letter <sign@letters.example> escreveu (terça, 26/05/2026 à(s) 15:05):",
    "gmail-de": "Am Di., 26. Mai 2026 um 16:05 Uhr schrieb Joint Letter <sign@letters.example>:",
    "gmail-ar": "في الثلاثاء، 26 مايو 2026 في 5:05 م تمت كتابة ما يلي بواسطة Joint Letter <sign@letters.example>:",
    "gmail-ru": "вт, 26 мая 2026 г. в 17:05, Joint Letter <sign@letters.example>:",
    "gmail-id": "Pada tanggal Sel, 26 Mei 2026 pukul 21.05 Joint Letter <sign@letters.example> menulis:",
    "gmail-th": "ในวันที่ อ. 26 พ.ค. 2026 เวลา 21:05 Joint Letter <sign@letters.example> เขียนว่า:",
    "gmail-it": "Il giorno mar 26 mag 2026 alle ore 16:05 Joint Letter <sign@letters.example> ha scritto:",
    "gmail-nl": "Op di 26 mei 2026 om 16:05 schreef Joint Letter <sign@letters.example>:",
    "gmail-pl": "wt., 26 maj 2026 o 16:05 Joint Letter <sign@letters.example> napisał(a):",
    "gmail-tr": "Joint Letter <sign@letters.example>, 26 May 2026 Sal, 17:05 tarihinde şunu yazdı:",
    "gmail-vi": "Vào Th 3, 26 thg 5, 2026 vào lúc 21:05 Joint Letter <sign@letters.example> đã viết:",
    "gmail-uk": "вт, 26 трав. 2026 р. о 17:05 Joint Letter <sign@letters.example> пише:",
    "gmail-sv": "Den tis 26 maj 2026 kl 16:05 skrev Joint Letter <sign@letters.example>:",
    "gmail-da": "Den tirs. 26. maj 2026 kl. 16.05 skrev Joint Letter <sign@letters.example>:",
    "gmail-no": "tir. 26. mai 2026 kl. 16:05 skrev Joint Letter <sign@letters.example>:",
    "gmail-fi": "ti 26. toukok. 2026 klo 17.05 Joint Letter (sign@letters.example) kirjoitti:",
    "gmail-cs": "út 26. 5. 2026 v 16:05 odesílatel Joint Letter <sign@letters.example> napsal:",
    "gmail-hu": "Joint Letter <sign@letters.example> ezt írta (időpont: 2026. máj. 26., K, 16:05):",
    "gmail-ro": "mar., 26 mai 2026, 17:05 Joint Letter <sign@letters.example> a scris:",
    "gmail-el": "Στις Τρί 26 Μαΐ 2026 στις 5:05 μ.μ., ο χρήστης Joint Letter <sign@letters.example> έγραψε:",
    "gmail-he": "\u202bבתאריך יום ג׳, 26 במאי 2026 ב-17:05 מאת \u202aJoint Letter\u202c\u200f <\u202asign@letters.example\u202c\u200f>:\u202c",
    "gmail-fa": "در تاریخ سه\u200cشنبه ۲۶ مهٔ ۲۰۲۶،\u200f ۱۷:۰۵ Joint Letter <sign@letters.example> نوشت:",
    "apple-en": "On May 26, 2026, at 4:05 PM, Joint Letter <sign@letters.example> wrote:\n",
    "apple-en-gb": "On 26 May 2026, at 16:05, Joint Letter <sign@letters.example> wrote:\n",
    "apple-ko": "2026. 5. 26. 오후 11:05, Joint Letter <sign@letters.example> 작성:\n",
    "apple-ja": "2026/05/26 23:05、Joint Letter <sign@letters.example>のメール:\n",
    "apple-zh-cn": "2026年5月26日 22:05，Joint Letter <sign@letters.example> 写道：\n",
    "apple-zh-tw": "Joint Letter <sign@letters.example> 於 2026年5月26日 下午10:05 寫道：\n",
    "apple-es": "El 26 may 2026, a las 16:05, Joint Letter <sign@letters.example> escribió:\n",
    "apple-fr": "Le 26 mai 2026 à 16:05, Joint Letter <sign@letters.example> a écrit :\n",
    "apple-pt": "Em 26 de mai. de 2026, à(s) 11:05, Joint Letter <sign@letters.example> escreveu:\n",
    "apple-pt-pt": "No dia 26/05/2026, às 15:05, Joint Letter <sign@letters.example> escreveu:\n",
    "apple-de": "Am 26.05.2026 um 16:05 schrieb Joint Letter <sign@letters.example>:\n",
    "apple-ar": "في ٢٦ مايو ٢٠٢٦، الساعة ٥:٠٥ م، كتب Joint Letter <sign@letters.example>:\n",
    "apple-ru": "26 мая 2026 г., в 17:05, Joint Letter <sign@letters.example> написал(а):\n",
    "apple-id": "Pada 26 Mei 2026, pukul 21.05, Joint Letter <sign@letters.example> menulis:\n",
    "apple-th": "ในวันที่ 26 พ.ค. 2569 เวลา 21:05 Joint Letter <sign@letters.example> เขียน:\n",
    "apple-it": "Il giorno 26 mag 2026, alle ore 16:05, Joint Letter <sign@letters.example> ha scritto:\n",
    "apple-nl": "Op 26 mei 2026, om 16:05 heeft Joint Letter <sign@letters.example> het volgende geschreven:\n",
    "thunderbird-en": "On 5/26/26 16:05, Joint Letter wrote:",
    "thunderbird-de": "Am 26.05.26 um 16:05 schrieb Joint Letter:",
    "thunderbird-fr": "Le 26/05/2026 à 16:05, Joint Letter a écrit :",
    "thunderbird-es": "El 26/5/26 a las 16:05, Joint Letter escribió:",
    "thunderbird-ja": "On 2026/05/26 23:05, Joint Letter wrote:",
    "thunderbird-ru": "26.05.2026 17:05, Joint Letter пишет:",
    "thunderbird-ko": "2026. 5. 26. 오후 11:05에 Joint Letter 이(가) 쓴 글:",
    "thunderbird-pt": "Em 26/05/2026 11:05, Joint Letter escreveu:",
    "thunderbird-it": "Il 26/05/26 16:05, Joint Letter ha scritto:",
    "thunderbird-zh-cn": "在 2026/5/26 22:05, Joint Letter 写道:",
    "thunderbird-zh-tw": "Joint Letter 於 2026/5/26 22:05 寫道:",
    "thunderbird-id": "Pada 26/05/26 21.05, Joint Letter menulis:",
    "thunderbird-th": "เมื่อ 26/5/2569 21:05 Joint Letter เขียนว่า:",
    "thunderbird-ar": "في 26/5/2026 5:05 م، كتب Joint Letter:",
    "proton-en": "On Tuesday, May 26th, 2026 at 4:05 PM, Joint Letter <sign@letters.example> wrote:\n",
    "proton-de": "Am Dienstag, 26. Mai 2026 um 16:05, Joint Letter <sign@letters.example> schrieb:\n",
    "proton-fr": "Le mardi 26 mai 2026 à 16:05, Joint Letter <sign@letters.example> a écrit :\n",
    "yahoo-en": "On Tuesday, May 26, 2026 at 04:05:00 PM GMT+2, Joint Letter <sign@letters.example> wrote:\n",
    "mutt": "* Joint Letter <sign@letters.example> [2026-05-26 16:05]:",
    "roundcube": "On 2026-05-26 16:05, Joint Letter wrote:",
    "k9": "On 26 May 2026 16:05:00 CEST, Joint Letter <sign@letters.example> wrote:",
    "k9-de": "Am 26. Mai 2026 16:05:00 MESZ schrieb Joint Letter <sign@letters.example>:",
    "mailru": "Вторник, 26 мая 2026, 17:05 +03:00 от Joint Letter <sign@letters.example>:",
    "yandex": '26.05.2026, 17:05, "Joint Letter" <sign@letters.example>:',
    "becky-ja": "Joint Letter <sign@letters.example> さんは書きました:",
    "no-intro": "",
}

#: Header blocks and separators above a quote without marks: all below them is quoted.
BLOCKS = {
    "outlook-en": "________________________________\nFrom: Joint Letter <sign@letters.example>\nSent: Tuesday, May 26, 2026 4:05 PM\nTo: Rik <rik@archive.example>\nSubject: Invitation to sign",
    "outlook-desktop-en": "From: Joint Letter <sign@letters.example> \nSent: Tuesday, May 26, 2026 4:05 PM\nTo: Rik <rik@archive.example>\nCc: a@b.example\nSubject: Invitation to sign",
    "outlook-star-en": "*From:* Joint Letter <sign@letters.example>\n*Sent:* Tuesday, May 26, 2026 4:05 PM\n*To:* Rik <rik@archive.example>\n*Subject:* Invitation to sign",
    "outlook-old-en": "-----Original Message-----\nFrom: Joint Letter [mailto:sign@letters.example]\nSent: 26 May 2026 16:05\nTo: Rik\nSubject: Invitation",
    "outlook-de": "Von: Joint Letter <sign@letters.example>\nGesendet: Dienstag, 26. Mai 2026 16:05\nAn: Rik <rik@archive.example>\nBetreff: Einladung",
    "outlook-old-de": "-----Ursprüngliche Nachricht-----\nVon: Joint Letter\nGesendet: Dienstag, 26. Mai 2026 16:05\nAn: Rik\nBetreff: Einladung",
    "outlook-fr": "De : Joint Letter <sign@letters.example>\nEnvoyé : mardi 26 mai 2026 16:05\nÀ : Rik <rik@archive.example>\nObjet : Invitation",
    "outlook-fr-date": "De : Joint Letter <sign@letters.example>\nDate : mardi, 26 mai 2026 à 16:05\nÀ : Rik <rik@archive.example>\nObjet : Invitation",
    "outlook-es": "De: Joint Letter <sign@letters.example>\nEnviado el: martes, 26 de mayo de 2026 16:05\nPara: Rik <rik@archive.example>\nAsunto: Invitación",
    "outlook-pt": "De: Joint Letter <sign@letters.example>\nEnviada em: terça-feira, 26 de maio de 2026 11:05\nPara: Rik <rik@archive.example>\nAssunto: Convite",
    "outlook-pt-pt": "De: Joint Letter <sign@letters.example>\nEnviado: 26 de maio de 2026 15:05\nPara: Rik <rik@archive.example>\nAssunto: Convite",
    "outlook-it": "Da: Joint Letter <sign@letters.example>\nInviato: martedì 26 maggio 2026 16:05\nA: Rik <rik@archive.example>\nOggetto: Invito",
    "outlook-nl": "Van: Joint Letter <sign@letters.example>\nVerzonden: dinsdag 26 mei 2026 16:05\nAan: Rik <rik@archive.example>\nOnderwerp: Uitnodiging",
    "outlook-ko": "보낸 사람: Joint Letter <sign@letters.example>\n보낸 날짜: 2026년 5월 26일 화요일 오후 11:05\n받는 사람: Rik <rik@archive.example>\n제목: 초대",
    "outlook-ja": "差出人: Joint Letter <sign@letters.example>\n送信日時: 2026年5月26日 23:05\n宛先: Rik <rik@archive.example>\n件名: 招待",
    "outlook-zh-cn": "发件人: Joint Letter <sign@letters.example>\n发送时间: 2026年5月26日 22:05\n收件人: Rik <rik@archive.example>\n主题: 邀请",
    "outlook-zh-tw": "寄件者: Joint Letter <sign@letters.example>\n寄件日期: 2026年5月26日 下午 10:05\n收件者: Rik <rik@archive.example>\n主旨: 邀請",
    "outlook-ru": "От: Joint Letter <sign@letters.example>\nОтправлено: 26 мая 2026 г. 17:05\nКому: Rik <rik@archive.example>\nТема: Приглашение",
    "outlook-ar": "من: Joint Letter <sign@letters.example>\nتم الإرسال: الثلاثاء، 26 مايو 2026 05:05 م\nإلى: Rik <rik@archive.example>\nالموضوع: دعوة",
    "outlook-id": "Dari: Joint Letter <sign@letters.example>\nDikirim: Selasa, 26 Mei 2026 21.05\nKepada: Rik <rik@archive.example>\nSubjek: Undangan",
    "outlook-th": "จาก: Joint Letter <sign@letters.example>\nส่ง: วันอังคาร 26 พฤษภาคม 2569 21:05\nถึง: Rik <rik@archive.example>\nเรื่อง: คำเชิญ",
    "outlook-tr": "Kimden: Joint Letter <sign@letters.example>\nGönderildi: 26 Mayıs 2026 Salı 17:05\nKime: Rik <rik@archive.example>\nKonu: Davet",
    "outlook-pl": "Od: Joint Letter <sign@letters.example>\nWysłano: wtorek, 26 maja 2026 16:05\nDo: Rik <rik@archive.example>\nTemat: Zaproszenie",
    "outlook-sv": "Från: Joint Letter <sign@letters.example>\nSkickat: den 26 maj 2026 16:05\nTill: Rik <rik@archive.example>\nÄmne: Inbjudan",
    "outlook-cs": "Od: Joint Letter <sign@letters.example>\nOdesláno: úterý 26. května 2026 16:05\nKomu: Rik <rik@archive.example>\nPředmět: Pozvánka",
    "outlook-hu": "Feladó: Joint Letter <sign@letters.example>\nElküldve: 2026. május 26., kedd 16:05\nCímzett: Rik <rik@archive.example>\nTárgy: Meghívó",
    "outlook-el": "Από: Joint Letter <sign@letters.example>\nΣτάλθηκε: Τρίτη, 26 Μαΐου 2026 5:05 μμ\nΠρος: Rik <rik@archive.example>\nΘέμα: Πρόσκληση",
    "outlook-vi": "Từ: Joint Letter <sign@letters.example>\nĐã gửi: Thứ Ba, 26 tháng 5, 2026 21:05\nĐến: Rik <rik@archive.example>\nChủ đề: Lời mời",
    "outlook-uk": "Від: Joint Letter <sign@letters.example>\nНадіслано: 26 травня 2026 р. 17:05\nКому: Rik <rik@archive.example>\nТема: Запрошення",
    "yahoo-jp": "----- Original Message -----\nFrom: Joint Letter <sign@letters.example>\nTo: rik@archive.example\nDate: 2026/05/26 Tue 23:05\nSubject: 招待",
    "naver": '-----Original Message-----\nFrom: "Joint Letter" <sign@letters.example>\nTo: <rik@naver.example>\nCc:\nSent: 2026-05-26 (화) 23:05:00 (GMT+09:00)\nSubject: 초대',
    "naver-ko": '-----원본 메일-----\n보낸사람: "Joint Letter" <sign@letters.example>\n받는사람: <rik@naver.example>\n날짜: 2026-05-26 (화) 23:05:00\n제목: 초대',
    "daum": "--------- 원본 메일 ---------\n보낸이: Joint Letter <sign@letters.example>\n받는이: rik@daum.example\n날짜: 2026년 5월 26일 화요일, 23시 05분 00초 +0900\n제목: 초대",
    "qq": '------------------ 原始邮件 ------------------\n发件人: "Joint Letter" <sign@letters.example>;\n发送时间: 2026年5月26日(星期二) 晚上10:05\n收件人: "rik"<rik@qq.example>;\n主题: 邀请',
    "qq-plain": '------------------ Original ------------------\nFrom:  "Joint Letter";<sign@letters.example>;\nDate:  Tue, May 26, 2026 10:05 PM\nTo:  "rik"<rik@qq.example>;\n\nSubject:  邀请',
    "netease": "---- 回复的原邮件 ----\n发件人 Joint Letter<sign@letters.example>\n发送日期 2026年05月26日 22:05\n收件人 <rik@163.example>\n主题 邀请",
    "netease-web": '在 2026-05-26 22:05:00，"Joint Letter" <sign@letters.example> 写道：',
    "notes": "-----Joint Letter <sign@letters.example> wrote: -----\n\n=======================\nTo: rik@archive.example\nFrom: Joint Letter <sign@letters.example>\nDate: 05/26/2026 04:05PM\nSubject: Invitation",
    "notes-table": 'From:        "Joint Letter" <sign@letters.example>\nTo:        rik@archive.example\nDate:        05/26/2026 04:05 PM\nSubject:        Invitation',
    "zimbra": '----- Original Message -----\nFrom: "Joint Letter" <sign@letters.example>\nTo: "rik" <rik@archive.example>\nSent: Tuesday, 26 May, 2026 16:05:00\nSubject: Invitation',
    "zimbra-fr": '----- Mail original -----\nDe: "Joint Letter" <sign@letters.example>\nÀ: "rik" <rik@archive.example>\nEnvoyé: Mardi 26 Mai 2026 16:05:00\nObjet: Invitation',
    "ovh-pt": "-----Mensagem original-----\nDe: Joint Letter\nEnviada: 2026/05/26 11:05:00\nPara: rik\nAssunto: Convite",
    "gmx": 'Gesendet: Dienstag, 26. Mai 2026 um 16:05 Uhr\nVon: "Joint Letter" <sign@letters.example>\nAn: rik@archive.example\nBetreff: Einladung',
    "apple-forward": "Begin forwarded message:\n\nFrom: Joint Letter <sign@letters.example>\nSubject: Invitation\nDate: 26 May 2026 at 16:05:00 CEST\nTo: rik@archive.example",
    "gmail-forward": "---------- Forwarded message ---------\nFrom: Joint Letter <sign@letters.example>\nDate: Tue, May 26, 2026 at 4:05 PM\nSubject: Invitation\nTo: <rik@archive.example>",
    "samsung": "-------- Original message --------\nFrom: Joint Letter <sign@letters.example> \nDate: 26/05/2026  16:05  (GMT+01:00) \nTo: rik@archive.example \nSubject: Invitation",
    "samsung-ko": "-------- 원본 이메일 --------\n발신: Joint Letter <sign@letters.example>\n날짜: 26/5/26 오후 11:05 (GMT+09:00)\n받은 사람: rik@archive.example\n제목: 초대",
    "outlook-mobile-attribution": 'On Tue, May 26, 2026 at 4:05 PM +0200, "Joint Letter" <sign@letters.example> wrote:\n',
    "yahoo-unmarked": "On Tuesday, 26 May 2026 at 16:05:00 CEST, Joint Letter <sign@letters.example> wrote:\n",
    "hanbiro": "----- Original Message -----\n보낸사람 : Joint Letter <sign@letters.example>\n받는사람 : rik@archive.example\n보낸날짜 : 2026-05-26 23:05\n제목 : 초대",
}

#: Lines of an invitation, which are full of answers that nobody gave.
OURS = """Dear Rik Terpstra,

On behalf of the drafting group I am writing to invite Open Archive Collective to sign a letter.
To sign, reply YES to this message by 19 June 2026. To decline, reply NO.
We will list you as:
Open Archive Collective / Netherlands

Name:
Country:

Joint Letter Secretariat"""


def marked(intro: str, text: str = OURS) -> str:
    """Give a quote whose lines begin with ">"."""
    lines = (f"> {line}".rstrip() for line in text.split("\n"))
    return "\n".join([intro, *lines] if intro else lines)
