// src/models/plugin.h
// What the file of a plug-in includes: heads of one's own, loaded with --plugin (docs/plugins.md).
#pragma once

#include <torch/headeronly/version.h>

#include "models/head.h"
#include "models/head_list.h"
#include "models/plugin_abi.h"  // written by the build

/// Once in a plug-in, with the heads that it brings:
///   KUCHI_PLUGIN(heads) { heads.add<MyKind>(); }
/// A plug-in uses the program's own code and classes, so both must have been built from the same
/// headers: what they were built from stands in the file as text, which is read before its code.
#define KUCHI_PLUGIN(heads)                                                                 \
  extern "C" {                                                                              \
  [[gnu::visibility("default")]] extern const char kuchi_plugin_abi[];                      \
  const char kuchi_plugin_abi[] = KUCHI_PLUGIN_ABI;                                         \
  [[gnu::visibility("default")]] void kuchi_register_heads(kuchi::models::HeadList& heads); \
  }                                                                                         \
  void kuchi_register_heads(kuchi::models::HeadList& heads)

/// "kuchi plug-in|Kuchi 0.1.0|headers 0123…|LibTorch 2.11.0|C++ ABI 1017/1": parts that must
/// be equal, each as it is named in a message.
#define KUCHI_PLUGIN_ABI                                                                 \
  KUCHI_PLUGIN_MARK "Kuchi " KUCHI_PLUGIN_VERSION "|headers " KUCHI_PLUGIN_HEADERS       \
                    "|LibTorch " TORCH_VERSION "|C++ ABI " KUCHI_PLUGIN_TEXT(            \
                        __GXX_ABI_VERSION) "/" KUCHI_PLUGIN_TEXT(_GLIBCXX_USE_CXX11_ABI) \
                        KUCHI_PLUGIN_DEBUG
#define KUCHI_PLUGIN_MARK "kuchi plug-in|"
#ifdef _GLIBCXX_DEBUG
#define KUCHI_PLUGIN_DEBUG " with _GLIBCXX_DEBUG"
#else
#define KUCHI_PLUGIN_DEBUG ""
#endif
#define KUCHI_PLUGIN_TEXT(x) KUCHI_PLUGIN_TEXT_OF(x)
#define KUCHI_PLUGIN_TEXT_OF(x) #x
