#!/bin/bash
# Brings up what Odoo 19 needs on a Debian 12 machine: system packages, a Python environment and the Odoo tree.
# Every step is skipped while its inputs are the same. Databases are the business of host/hostlib.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
repo="$(dirname "$here")"
state="${HOCBA_STATE:-$repo/.state}"

packages=(
    postgresql xmlsec1 softhsm2 poppler-utils wkhtmltopdf chromium gettext python3-venv
    libjs-jquery libjs-underscore
    fonts-font-awesome fonts-roboto-unhinted fonts-liberation fonts-liberation2 fonts-dejavu-core
)
odoo_package=odoo-19
odoo_suite=sid

say() { printf 'host: %s\n' "$*" >&2; }

# retry COMMAND...: up to four tries; a mirror's hiccup must not cost the whole set-up.
retry() {
    local try
    for try in 1 2 3 4; do
        "$@" && return 0
        [ "$try" = 4 ] || { say "try $try failed: $1; again in $((try * 5)) s"; sleep $((try * 5)); }
    done
    return 1
}

# stamped NAME INPUT: true when step NAME was last completed with the same INPUT.
stamped() { [ "$(cat "$state/stamp/$1" 2>/dev/null)" = "$2" ]; }
stamp() { printf '%s\n' "$2" >"$state/stamp/$1"; }

missing_packages() {
    local name
    for name in "${packages[@]}"; do
        [ "$(dpkg-query -W -f '${db:Status-Abbrev}' "$name" 2>/dev/null)" = "ii " ] || printf '%s\n' "$name"
    done
}

install_packages() {
    local missing
    mapfile -t missing < <(missing_packages)
    [ "${#missing[@]}" -gt 0 ] || return 0
    if [ "$(id -u)" != 0 ]; then
        say "these packages are missing and only root can install them: ${missing[*]}"
        return 1
    fi
    say "installing ${missing[*]}"
    retry apt-get -qq update
    # Without this, installing PostgreSQL would start a cluster of its own on the machine.
    export DEBIAN_FRONTEND=noninteractive
    retry apt-get -qq -y --no-install-recommends install "${missing[@]}" >"$state/log/apt.log" 2>&1 || {
        tail -n 20 "$state/log/apt.log" >&2
        return 1
    }
}

build_venv() {
    local inputs
    inputs="$(/usr/bin/python3 --version) $state $(sha256sum <"$here/requirements.lock")"
    stamped venv "$inputs" && return 0
    say "building the Python environment"
    rm -rf "$state/venv"
    /usr/bin/python3 -m venv "$state/venv"
    retry "$state/venv/bin/pip" install --no-deps --prefer-binary --no-compile --disable-pip-version-check \
        --requirement "$here/requirements.lock" >"$state/log/pip.log" 2>&1 || {
        tail -n 20 "$state/log/pip.log" >&2
        return 1
    }
    stamp venv "$inputs"
}

# The label tells Debian itself from its security updates, which are on a mirror of their own.
debian_mirror() {
    apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' 'Component: main' \
        | awk '$1 == "Debian" && !found {print $2; found = 1}'
}

# The odoo-19 package is in one suite only, which must never mix with the system: a private apt configuration reads that
# suite from the mirror this machine already uses, and apt checks the signatures as always.
private_apt() {
    local apt="$state/apt" mirror
    mirror="$(debian_mirror)"
    [ -n "$mirror" ] || { retry apt-get -qq update && mirror="$(debian_mirror)"; }
    [ -n "$mirror" ] || { say "this machine's apt has no Debian mirror"; return 1; }
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
    printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s %s main\n' "$mirror" "$odoo_suite" \
        >"$apt/sources.list"
    cat >"$apt/apt.conf" <<CONF
Dir::Etc::SourceList "$apt/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::State::Lists "$apt/lists";
Dir::Cache "$apt/cache";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
CONF
}

download_odoo() {
    cd "$state/apt"
    APT_CONFIG="$state/apt/apt.conf" retry apt-get -qq update
    rm -f "$odoo_package"_*.deb
    APT_CONFIG="$state/apt/apt.conf" retry apt-get -qq download "$odoo_package"
}

unpack_odoo() {
    stamped odoo "$odoo_package $odoo_suite" && return 0
    say "fetching $odoo_package"
    private_apt
    (download_odoo)
    rm -rf "$state/odoo"
    mkdir -p "$state/odoo"
    dpkg -x "$state/apt/$odoo_package"_*.deb "$state/odoo"
    dpkg-deb -f "$state/apt/$odoo_package"_*.deb Version >"$state/odoo/version"
    rm -rf "$state/apt"
    stamp odoo "$odoo_package $odoo_suite"
}

# Makes the tree work outside of the package system; cheap, so it runs every time.
complete_odoo() {
    # The tree's relative links lead to files of other packages, which are on the machine itself.
    local folder segmentation
    for folder in fonts javascript fonts-font-awesome; do
        ln -sfn "/usr/share/$folder" "$state/odoo/usr/share/$folder"
    done
    # Debian leaves this library out and Odoo's bundle then reports an error on every page, which ends browser tests.
    # Only the blurred background of video calls uses it.
    segmentation="$state/odoo/usr/lib/python3/dist-packages/odoo/addons/mail/static/lib/selfie_segmentation"
    [ -e "$segmentation/selfie_segmentation.js" ] || {
        mkdir -p "$segmentation"
        echo '/* not in the Debian package */' >"$segmentation/selfie_segmentation.js"
    }
}

main() {
    mkdir -p "$state/stamp" "$state/log"
    exec 9>"$state/setup.lock"
    flock 9
    install_packages
    # The two downloads do not depend on each other.
    unpack_odoo 9>&- &
    local odoo_job=$!
    build_venv 9>&-
    wait "$odoo_job"
    complete_odoo
}

main "$@"
