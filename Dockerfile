# Undersigned for docker-compose.yml: worker, beat, listener and the rehearsal's post office.
FROM python:3.13-slim AS wheel
WORKDIR /source
COPY requirements/build.in requirements/demo.txt requirements/
RUN pip install --no-cache-dir --require-hashes -r requirements/demo.txt
COPY . .
RUN pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /wheels .

FROM python:3.13-slim
# openssl makes the certificate of the rehearsal's post office.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends openssl \
 && rm -rf /var/lib/apt/lists/*
COPY requirements/run.txt requirements/demo.txt /requirements/
RUN pip install --no-cache-dir --require-hashes -r /requirements/run.txt \
 && pip install --no-cache-dir --require-hashes -r /requirements/demo.txt
COPY --from=wheel /wheels /wheels
RUN pip install --no-cache-dir --no-deps --no-index /wheels/*.whl \
 && rm -r /wheels
RUN useradd --system --uid 10001 --create-home undersigned \
 && install -d -o undersigned /certificates /var/lib/undersigned/mail
USER undersigned
WORKDIR /home/undersigned
CMD ["undersigned", "--help"]
