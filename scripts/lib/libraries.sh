# shellcheck shell=bash
# Shared libraries of a bundle: which they are, where they come from, what they need. Source it after say.sh.

# What every Linux has and no bundle should bring: glibc's parts, and GCC's run-time libraries, which
# must be at least as new as the graphics driver's.
_of_the_system='^(linux-vdso|ld-linux-x86-64|libc|libm|libdl|librt|libpthread|libresolv|libutil|libgcc_s|libstdc\+\+)\.so'

# libraries_of FILE: "name path" of each library that the loader finds for it, without the system's and
# what lies in LibTorch's folder
libraries_of() {
  local torch missing soname path
  missing=$(ldd "$1" | awk '/not found/{print $1}')
  [ -z "$missing" ] || die 5 "this machine lacks what the program needs: ${missing//$'\n'/ }; run scripts/setup.sh"
  torch=$(ldd "$1" | awk '$1 == "libtorch_cpu.so" {print $3}')
  torch=$(realpath "$(dirname "$torch")/..")
  ldd "$1" | awk '$2 == "=>" && $3 ~ /^\// {print $1, $3}' | while read -r soname path; do
    # NVIDIA's libraries lie beside LibTorch's folder
    case $(realpath "$path") in "$torch"/* | "$(dirname "$torch")"/nvidia/*) continue ;; esac
    [[ $soname =~ $_of_the_system ]] || echo "$soname $path"
  done
}

# copy_libraries DIR LIST: the libraries of LIST (libraries_of) into DIR/lib
copy_libraries() {
  local soname path
  while read -r soname path; do
    install -m 644 "$(realpath "$path")" "$1/lib/$soname"
  done <<< "$2"
}

# package_of FILE: the Debian package that a file belongs to
package_of() {
  local file
  file=$(realpath "$1")
  # Since /lib became a link to /usr/lib, packages know a file by either name.
  { dpkg-query -S "$file" || dpkg-query -S "${file#/usr}" || true; } 2> /dev/null | sed -n "1s/:.*//p"
}

# copy_licences DIR LIST: DIR/licenses/PACKAGE for each library of LIST, the texts those refer to, and VERSIONS
copy_licences() {
  local soname path package text
  command -v dpkg-query > /dev/null ||
    die 5 "licences are taken from Debian's packages, and this machine has no dpkg; bundle on Debian or Ubuntu"
  echo "# package version, source package and its version, of the libraries in lib/" > "$1/licenses/VERSIONS"
  while read -r soname path; do
    package=$(package_of "$path")
    text=/usr/share/doc/$package/copyright
    if [ -z "$package" ] || [ ! -f "$text" ]; then
      die 5 "$path comes from no package with a licence text; install $soname from Debian's packages and build again"
    fi
    install -m 644 "$text" "$1/licenses/$package"
    # shellcheck disable=SC2016  # dpkg's own variables
    dpkg-query -W -f '${Package} ${Version} ${source:Package} ${source:Version}\n' "$package"
  done <<< "$2" | sort -u >> "$1/licenses/VERSIONS"
  grep -ohE '/usr/share/common-licenses/[A-Za-z0-9.-]*[A-Za-z0-9]' "$1"/licenses/* | sort -u |
    while read -r text; do
      [ ! -f "$text" ] || install -D -m 644 "$(realpath "$text")" "$1/licenses/common/$(basename "$text")"
    done
}

# forget_run_paths DIR: the folders of this machine that CMake wrote into program and plug-in
forget_run_paths() {
  local file script
  script=$(mktemp)
  # shellcheck disable=SC2016  # CMake's variable
  echo 'file(RPATH_REMOVE FILE "${FILE}")' > "$script"
  for file in "$1/libexec/kuchi" "$1/lib/libkuchi_cuda.so"; do
    [ ! -f "$file" ] || cmake "-DFILE=$file" -P "$script" > /dev/null
  done
  rm -f "$script"
}

# check_libraries DIR: each library's needs lie in DIR/lib, in the system or in LibTorch
check_libraries() {
  local file need
  for file in "$1"/libexec/kuchi "$1"/lib/*.so*; do
    while read -r need; do
      [[ $need =~ $_of_the_system || $need =~ ^lib(torch|c10|cud|kuchi) ]] || [ -f "$1/lib/$need" ] ||
        die 1 "$(basename "$file") needs $need, which the bundle lacks; this is a bug of scripts/bundle.sh"
    done < <(readelf -d "$file" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
  done
}

# newest_glibc DIR: the oldest glibc that has all that the files ask for
newest_glibc() {
  readelf -V "$1"/libexec/kuchi "$1"/lib/*.so* 2> /dev/null | grep -oE 'GLIBC_[0-9.]+' | sort -uV | sed -n '$s/GLIBC_//p'
}
