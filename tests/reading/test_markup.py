# ruff: noqa: E501 - the markup is as mail programs write it
"""HTML mail of many programs, and what hides in it."""

import pytest

from undersigned.reading import markup
from undersigned.reading.own_words import own_words

OURS = "<p>Dear Rik,</p><p>To sign, reply YES to this message. To decline, reply NO.</p><p>We will list you as:<br>Open Archive Collective / Netherlands</p>"
BLOCK = "<b>From:</b> Joint Letter &lt;sign@letters.example&gt;<br><b>Sent:</b> Tuesday, May 26, 2026 4:05 PM<br><b>To:</b> Rik &lt;rik@archive.example&gt;<br><b>Subject:</b> Invitation"
REPLIES = {
    "gmail": '<div dir="ltr">Yes, please add us.<div><br></div><div>Rik</div></div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">On Tue, May 26, 2026 at 4:05 PM Joint Letter &lt;<a href="mailto:sign@letters.example">sign@letters.example</a>&gt; wrote:<br></div><blockquote class="gmail_quote" style="margin:0 0 0 .8ex">'
    + OURS
    + "</blockquote></div>",
    "gmail-sig": '<div dir="ltr">Yes, please add us.<div>Rik</div><br clear="all"><div><br></div><span class="gmail_signature_prefix">-- </span><br><div dir="ltr" class="gmail_signature" data-smartmail="gmail_signature"><div>Rik Terpstra<br>Director<br>+31 20 555 01 23</div></div></div><br><div class="gmail_quote"><div class="gmail_attr">x wrote:</div><blockquote class="gmail_quote">'
    + OURS
    + "</blockquote></div>",
    "outlook-web": '<html><body><div class="elementToProof" style="font-family:Aptos">Yes, please add us.</div><div class="elementToProof"><br></div><div>Rik</div><div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr"><font face="Calibri">'
    + BLOCK
    + "</font><div>&nbsp;</div></div><div>"
    + OURS
    + "</div></body></html>",
    "outlook-desktop": '<body lang=EN-US><div class=WordSection1><p class=MsoNormal>Yes, please add us.<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoNormal>Rik<o:p></o:p></p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class=MsoNormal>'
    + BLOCK
    + "<o:p></o:p></p></div></div><p class=MsoNormal>&nbsp;</p>"
    + OURS
    + "</div></body>",
    "outlook-mobile": '<div dir="ltr">Yes, please add us.</div><div dir="ltr">Rik</div><div id="ms-outlook-mobile-signature"><div></div>Get <a href="https://aka.example">Outlook for iOS</a></div><hr style="display:inline-block;width:98%"><div id="divRplyFwdMsg"><font>'
    + BLOCK
    + "</font></div>"
    + OURS,
    "apple": '<html><body><div>Yes, please add us.</div><div>Rik</div><div><br><blockquote type="cite"><div>On May 26, 2026, at 4:05 PM, Joint Letter &lt;sign@letters.example&gt; wrote:</div><br class="Apple-interchange-newline"><div>'
    + OURS
    + "</div></blockquote></div></body></html>",
    "apple-ios": '<html><body dir="auto">Yes, please add us.<div>Rik<br id="lineBreakAtBeginningOfSignature"><div dir="ltr">Sent from my iPhone</div><div dir="ltr"><br><blockquote type="cite">On 26 May 2026, at 16:05, Joint Letter &lt;sign@letters.example&gt; wrote:<br><br></blockquote></div><blockquote type="cite"><div dir="ltr">'
    + OURS
    + "</div></blockquote></div></body></html>",
    "thunderbird": '<html><body><p>Yes, please add us.</p><p>Rik<br></p><div class="moz-cite-prefix">On 5/26/26 16:05, Joint Letter wrote:<br></div><blockquote type="cite" cite="mid:x">'
    + OURS
    + '</blockquote><br><pre class="moz-signature" cols="72">-- \nRik Terpstra\nDirector</pre></body></html>',
    "thunderbird-bottom": '<html><body><div class="moz-cite-prefix">On 5/26/26 16:05, Joint Letter wrote:<br></div><blockquote type="cite" cite="mid:x">'
    + OURS
    + "</blockquote><p>Yes, please add us.</p><p>Rik</p></body></html>",
    "yahoo": '<div class="ydp1yahoo-style-wrap"><div dir="ltr">Yes, please add us.</div><div>Rik</div></div><div id="yahoo_quoted_1" class="yahoo_quoted"><div style="font-family:Helvetica"><div>On Tuesday, May 26, 2026 at 04:05:00 PM GMT+2, Joint Letter &lt;sign@letters.example&gt; wrote:</div><div><br></div><div>'
    + OURS
    + "</div></div></div>",
    "yahoo-noattr": '<div dir="ltr">Yes, please add us.</div><div>Rik</div><div id="yahoo_quoted_1" class="yahoo_quoted"><div>'
    + OURS
    + "</div></div>",
    "proton": '<div style="font-family: Arial">Yes, please add us.</div><div>Rik</div><div class="protonmail_signature_block"><div class="protonmail_signature_block-proton">Sent with <a href="https://proton.me">Proton Mail</a> secure email.</div></div><div class="protonmail_quote">On Tuesday, May 26th, 2026 at 4:05 PM, Joint Letter &lt;sign@letters.example&gt; wrote:<br><blockquote class="protonmail_quote" type="cite">'
    + OURS
    + "</blockquote><br></div>",
    "tuta": '<div>Yes, please add us.<br>Rik<br></div><div>26 May 2026, 16:05 by sign@letters.example:<br></div><blockquote class="tutanota_quote">'
    + OURS
    + "</blockquote>",
    "naver": '<div style="font-size:10pt"><p>Yes, please add us.</p><p>Rik</p></div><div style="font-size:10pt"><p>&nbsp;</p><div class="NM_mail_signature"></div><p class="quote_head">-----Original Message-----<br><b>From:</b> "Joint Letter"&lt;sign@letters.example&gt;<br><b>To:</b> &lt;rik@naver.example&gt;<br><b>Cc:</b> <br><b>Sent:</b> 2026-05-26 (화) 23:05:00 (GMT+09:00)<br><b>Subject:</b> 초대<br>&nbsp;</p>'
    + OURS
    + "</div>",
    "daum": "<div>Yes, please add us.<br>Rik</div><br><div>--------- 원본 메일 ---------<br><dl><dt><b>보낸이</b>: Joint Letter &lt;sign@letters.example&gt;</dt><dt><b>받는이</b> : rik@daum.example</dt><dt><b>날짜</b>: 2026년 5월 26일</dt><dt><b>제목</b>: 초대</dt></dl></div>"
    + OURS,
    "kakao": '<div>Yes, please add us.</div><div>Rik</div><blockquote style="border-left"><div>'
    + OURS
    + "</div></blockquote>",
    "qq": '<div>Yes, please add us.</div><div>Rik</div><div><includetail><div>&nbsp;</div><div style="font-size:12px">------------------&nbsp;原始邮件&nbsp;------------------</div><div style="font-size:12px;background:#efefef;padding:8px;"><div><b>发件人:</b>&nbsp;"Joint Letter"&nbsp;&lt;sign@letters.example&gt;;</div><div><b>发送时间:</b>&nbsp;2026年5月26日</div><div><b>收件人:</b>&nbsp;"rik";</div><div><b>主题:</b>&nbsp;邀请</div></div>'
    + OURS
    + "</includetail></div>",
    "163": '<div style="line-height:1.7">Yes, please add us.<br>Rik</div><p>在 2026-05-26 22:05:00，"Joint Letter" &lt;sign@letters.example&gt; 写道：</p><blockquote id="isReplyContent">'
    + OURS
    + "</blockquote>",
    "163-noattr": '<div>Yes, please add us.<br>Rik</div><div id="isReplyContent">'
    + OURS
    + "</div>",
    "netease-new": '<div>Yes, please add us.<br>Rik</div><div id="ntes-pcmail-signature"></div><div><div style="border-top:1px solid">---- 回复的原邮件 ----</div><table><tr><td>发件人</td><td>Joint Letter&lt;sign@letters.example&gt;</td></tr><tr><td>发送日期</td><td>2026年05月26日 22:05</td></tr><tr><td>收件人</td><td>rik</td></tr><tr><td>主题</td><td>邀请</td></tr></table></div>'
    + OURS,
    "notes": '<font size=2>Yes, please add us.</font><br><br><font>Rik</font><br><br><br><table><tr><td><font size=1>From: &nbsp; &nbsp; &nbsp;</font><td><font size=1>"Joint Letter" &lt;sign@letters.example&gt;</font><tr><td>To:<td>rik@archive.example<tr><td>Date:<td>05/26/2026 04:05 PM<tr><td>Subject:<td>Invitation</table><hr noshade><br>'
    + OURS,
    "zimbra": '<html><body><div>Yes, please add us.</div><div>Rik</div><hr id="zwchr" data-marker="__DIVIDER__"><div data-marker="__HEADERS__"><b>From: </b>"Joint Letter" &lt;sign@letters.example&gt;<br><b>To: </b>"rik" &lt;rik@archive.example&gt;<br><b>Sent: </b>Tuesday<br><b>Subject: </b>Invitation<br></div><br><div data-marker="__QUOTED_TEXT__">'
    + OURS
    + "</div></body></html>",
    "gmx": '<html><body><div><div>Yes, please add us.</div><div>Rik</div><div name="quote" style="margin:10px 5px 5px 10px;padding:10px 0 10px 10px;border-left:2px solid #C3D9E5;"><div><b>Gesendet:</b>&nbsp;Dienstag, 26. Mai 2026 um 16:05 Uhr<br/><b>Von:</b>&nbsp;"Joint Letter" &lt;sign@letters.example&gt;<br/><b>An:</b>&nbsp;rik@archive.example<br/><b>Betreff:</b>&nbsp;Einladung</div><div name="quoted-content">'
    + OURS
    + "</div></div></div></body></html>",
    "gmx-nohead": '<div>Yes, please add us.</div><div>Rik</div><div name="quote"><div name="quoted-content">'
    + OURS
    + "</div></div>",
    "mailru": '<div>Yes, please add us.<br>Rik</div><div>Вторник, 26 мая 2026, 17:05 +03:00 от Joint Letter &lt;sign@letters.example&gt;:<br></div><blockquote style="border-left:1px solid">'
    + OURS
    + "</blockquote>",
    "yandex": '<div>Yes, please add us.</div><div>Rik</div><div>&nbsp;</div><div>26.05.2026, 17:05, "Joint Letter" &lt;sign@letters.example&gt;:</div><blockquote>'
    + OURS
    + "</blockquote>",
    "hidden": '<div style="display:none">WITHDRAW</div><style>.pre{display:none} #z { font-size:0 }</style><span class="pre">NO</span><p id=z>NO</p>Yes, please add us.<br><font color="#ffffff">NO NO</font><br>Rik<div hidden>No</div>',
}


@pytest.mark.parametrize("program", REPLIES)
def test_it_shows_the_words_alone(program: str) -> None:
    """Neither our own words in a quote nor what nobody can see is the signer's answer."""
    words = own_words(markup.text(REPLIES[program]), sender_name="Rik Terpstra").text

    assert " ".join(words.split()) == "Yes, please add us. Rik"


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<div>YES</div><blockquote>reply NO</blockquote>", "YES\n> reply NO"),
        ("one<br>two<p>three</p>four", "one\ntwo\nthree\n\nfour"),
        ("<pre>a\n  b</pre>", "a\nb"),
        ("<ul><li>a</li><li>b</li></ul>", "a\nb"),
        ("<table><tr><td>Name</td><td>Open</td></tr></table>", "Name Open"),
        ("a<hr>b", "a\n________________________________\nb"),
        ("<p>a &amp; b&nbsp;c &#x1F44D;</p>", "a & b c 👍"),
        ("yes<script>no</script><style>p{}</style><title>no</title><!-- no --><img alt=no>", "yes"),
        ("<select><option>no</select>yes", "yes"),
        ("", ""),
        ("<html><head></head></html>", ""),
        ("<blockquote>a<blockquote>b</blockquote></blockquote>c", "> a\n> > b\nc"),
    ],
)
def test_it_gives_the_lines_that_a_reader_sees(html: str, expected: str) -> None:
    """Lines, quotes and cells come out as they look."""
    assert markup.text(html) == expected


def test_it_says_when_there_is_more_than_it_looked_at() -> None:
    """What is too long or too deep is for a person, not half read."""
    assert markup.rendered("<i>x</i>") == ("x", False)
    assert markup.rendered("<i>x</i>" * (markup.MAX_NODES + 1))[1]
    assert markup.rendered("<div>" * (markup.MAX_DEPTH + 1) + "x")[1]
    assert markup.rendered("<div></div>" * (markup.MAX_DEPTH * 3)) == ("", False)
    assert markup.rendered("<p>" * (markup.MAX_DEPTH * 2))[1] is False
