# Two images of one build:
#   docker build --target cpu -t kuchi .          docker run --rm -v "$PWD:/data" kuchi doctor
#   docker build --target cuda -t kuchi:cuda .    docker run --rm --gpus all -v "$PWD:/data" kuchi:cuda doctor
# Both hold the folder that scripts/bundle.sh makes, with LibTorch beside it.

FROM debian:12-slim AS build
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
WORKDIR /src
# What changes seldom comes first: packages and LibTorch (0.5 GB) are fetched again only when these change.
COPY scripts scripts
RUN scripts/setup.sh && rm -rf /var/lib/apt/lists/*
COPY . .
RUN scripts/build.sh && scripts/bundle.sh --out /opt/kuchi
# Of LibTorch only what runs without a GPU: libraries, and the header by which its version is known
RUN cache=$(echo "$HOME"/.cache/kuchi/libtorch-*) \
    && mkdir -p /opt/libtorch/torch/include/torch/headeronly \
    && cp -a "$cache/torch/lib" /opt/libtorch/torch/ \
    && rm -f /opt/libtorch/torch/lib/lib{torch_cuda,torch_nvshmem,c10_cuda,caffe2_nvrtc}* \
    && cp "$cache/torch/include/torch/headeronly/version.h" /opt/libtorch/torch/include/torch/headeronly/ \
    && cp -a "$cache/nvidia" /opt/libtorch/

# LibTorch's GPU part and NVIDIA's libraries for it (2.1 GB) in a stage of their own, for the cuda image only
FROM build AS build-cuda
RUN scripts/setup.sh --no-packages --cuda \
    && cp -a "$HOME"/.cache/kuchi/libtorch-*/torch/lib/. /opt/libtorch/torch/lib/ \
    && cp -a "$HOME"/.cache/kuchi/libtorch-*/nvidia/. /opt/libtorch/nvidia/

FROM debian:12-slim AS cpu
COPY --from=build /opt/libtorch /opt/libtorch
COPY --from=build /opt/kuchi /opt/kuchi
ENV KUCHI_LIBTORCH=/opt/libtorch/torch KUCHI_CACHE=/data/.kuchi-cache PATH=/opt/kuchi/bin:$PATH
RUN useradd --create-home --uid 1000 kuchi
USER 1000:1000
WORKDIR /data
ENTRYPOINT ["kuchi"]
CMD ["--help"]

# The base brings what the container runtime asks of a CUDA image; the libraries are LibTorch's own.
FROM nvidia/cuda:13.0.1-base-ubuntu24.04 AS cuda
COPY --from=build-cuda /opt/libtorch /opt/libtorch
COPY --from=build /opt/kuchi /opt/kuchi
ENV KUCHI_LIBTORCH=/opt/libtorch/torch KUCHI_CACHE=/data/.kuchi-cache PATH=/opt/kuchi/bin:$PATH
# Ubuntu's image has a user 1000 of its own
RUN userdel --remove ubuntu && useradd --create-home --uid 1000 kuchi
USER 1000:1000
WORKDIR /data
ENTRYPOINT ["kuchi"]
CMD ["--help"]
