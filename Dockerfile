# genloss in containers, two targets:
#   docker build --target serve -t genloss-serve .             the service: scores and ranks on the CPU, no TensorFlow
#   docker build --target train-rocm -t genloss-train-rocm .   training on AMD GPUs
# compose.yaml starts both; docs/using/training-on-amd.md walks through it.

ARG PYTHON_IMAGE=python:3.13-slim-trixie
# Pick the tag whose ROCm is that of your kernel driver, see docs/using/training-on-amd.md.
ARG ROCM_IMAGE=rocm/tensorflow:rocm7.2-py3.12-tf2.20-dev

FROM ${PYTHON_IMAGE} AS build
# The measurements are compiled.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY requirements/serve.txt requirements/
RUN python3 -m venv /opt/genloss \
 && /opt/genloss/bin/python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements/serve.txt
COPY . .
RUN /opt/genloss/bin/python -m pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation . \
 && /opt/genloss/bin/python -c 'from genloss.model.kernels.compiled import IS_COMPILED as done; assert done' \
 && /opt/genloss/bin/python -m pip uninstall --yes cython

FROM ${PYTHON_IMAGE} AS serve
# JPEGs are read a third faster with it.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends libturbojpeg0 && rm -rf /var/lib/apt/lists/*
ARG UID=10001
RUN install -d -o "${UID}" -g "${UID}" /data
COPY --from=build /opt/genloss /opt/genloss
ENV PATH=/opt/genloss/bin:$PATH HOME=/data PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 GENLOSS_HOST=0.0.0.0
USER ${UID}:${UID}
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/livez', timeout=2)"]
ENTRYPOINT ["genloss", "serve"]

FROM ${ROCM_IMAGE} AS train-rocm
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
# ImageMagick's library, which make_pairs needs and whose package is named differently in every Ubuntu; what compiling takes.
# hadolint ignore=DL3008
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        '^libmagickwand-[67]\.q16-[0-9]+(t64)?$' gcc libc6-dev python3-dev \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
# AMD builds TensorFlow with a version such as 2.20.0.dev0+selfbuilt, which satisfies no ordinary requirement: asked for
# TensorFlow, pip would put the CPU build in its place. So the extra `train` is left out, everything the image carries
# is a constraint, and the build fails if one carried package has changed all the same.
ENV PIP_BREAK_SYSTEM_PACKAGES=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python3 -m pip list --format=freeze | sort > /tmp/carried.txt \
 && python3 -m pip install --constraint /tmp/carried.txt '.[datagen,serve,jobs,search]' 'onnx>=1.19' \
 && python3 -m pip list --format=freeze | sort > /tmp/now.txt \
 && comm -23 /tmp/carried.txt /tmp/now.txt | tee /tmp/changed.txt \
 && test ! -s /tmp/changed.txt \
 && genloss --version
# The user who owns the volumes: --build-arg UID=$(id -u) --build-arg GID=$(id -g)
ARG UID=1000
ARG GID=1000
RUN install -d -o "${UID}" -g "${GID}" /data /home/genloss
ENV HOME=/home/genloss PYTHONUNBUFFERED=1 TF_FORCE_GPU_ALLOW_GROWTH=true
USER ${UID}:${GID}
WORKDIR /data
VOLUME /data
ENTRYPOINT ["genloss", "train"]
