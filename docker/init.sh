#!/bin/sh
# Makes what the deployment of docker-compose.yml needs, and hands to each role its own part of
# it. Run at every `docker compose up`; what is there stays.
#
#   init.sh redis-password   before Redis starts: its password
#   init.sh deployment       then: authority, certificates, keys, sites, sample accounts
#
# Volumes: /srv/deployment is the operator's, with everything that is secret; /srv/roles/ROLE is
# what the containers of that role see, read-only, as /run/homeward.

set -eu
umask 077
roles=/srv/roles

# random BYTES: a secret that survives typing, pasting and quoting.
random() {
  node -p "require('node:crypto').randomBytes($1).toString('hex')"
}

# give ROLE MODE FILE NAME: puts a copy of a file in place at once, whole, if it is another one.
give() {
  target=$roles/$1/$4
  if ! cmp -s "$3" "$target"; then
    install -m "$2" "$3" "$target.new"
    mv "$target.new" "$target"
  fi
}

# Redis gets the password's hash only; whoever has `health` can do nothing but ask for a pong.
make_redis_password() {
  [ ! -s redis-password ] || return 0
  random 24 >redis-password.new
  hash=$(tr -d '\n' <redis-password.new | sha256sum | cut -d' ' -f1)
  cat >redis-users.acl <<ACL
user default on sanitize-payload #$hash ~* &* +@all
user health on nopass -@all +ping
ACL
  mv redis-password.new redis-password
}

# The name that clients connect to may change; the authority stays, so clients go on trusting it.
follow_hostname() {
  [ -f homeward.yaml ] || return 0
  known=$(sed -n 's/^hostname: "\{0,1\}\([^"]*\)"\{0,1\}$/\1/p' homeward.yaml)
  [ "$known" != "$MAIL_HOSTNAME" ] || return 0
  echo "hostname: $known becomes $MAIL_HOSTNAME, with new certificates"
  rm -rf tls
  sed -i "s/^hostname: .*/hostname: \"$MAIL_HOSTNAME\"/" homeward.yaml
}

make_deployment() {
  follow_hostname
  set --
  for site in $MAIL_SITES; do set -- "$@" --site "$site=$site"; done
  homeward init --folder . --hostname "$MAIL_HOSTNAME" --redis redis://redis:6379/0 \
    --redis-password-file redis-password --protocols imap,pop3,submission "$@" >init.log
}

# A site is also a service and two volumes of docker-compose.yml.
expect_volumes() {
  for role in frontend $MAIL_SITES; do
    [ -w "$roles/$role" ] && continue
    echo "init: $roles/$role must be a volume that user $(id -u) may write to. Is it mounted, and" >&2
    echo "  was the image built with MAIL_SITES? docker compose build; docs/operations/compose.md" >&2
    exit 78
  done
}

# Whoever knows one role's files can do what that role does, and no more.
hand_out() {
  for role in frontend $MAIL_SITES; do give "$role" 0400 redis-password redis-password; done
  # A new one each day that this runs: whoever has it can read sessions that were recorded.
  [ -n "$(find tls/ticket-keys -mtime -1)" ] || head -c 48 /dev/urandom >tls/ticket-keys
  give frontend 0400 tls/ticket-keys tls-ticket-keys
  give frontend 0444 ca/ca.crt ca.crt
  give frontend 0400 keys/frontend.key ticket.key
  # The key first: with the old certificate beside it the pair is refused, and the old one kept.
  give frontend 0400 tls/frontend.key frontend.key
  give frontend 0444 tls/frontend.crt frontend.crt
  give frontend 0400 tls/control-frontend.key control.key
  give frontend 0444 tls/control-frontend.crt control.crt
  for site in $MAIL_SITES; do
    give "$site" 0444 ca/ca.crt ca.crt
    give "$site" 0400 "tls/site-$site.key" site.key
    give "$site" 0444 "tls/site-$site.crt" site.crt
    give "$site" 0400 "tls/control-site-$site.key" control.key
    give "$site" 0444 "tls/control-site-$site.crt" control.crt
  done
}

# Only when they are others than before: what is set since then by hand stays.
set_domains() {
  [ "$(cat domains 2>/dev/null)" != "$MAIL_DOMAINS" ] || return 0
  domains=$(node -p 'JSON.stringify(Object.fromEntries(process.argv.slice(1).map((name) => [name, "authoritative"])))' $MAIL_DOMAINS)
  homeward settings set mail.acceptedDomains "$domains" >/dev/null
  echo "$MAIL_DOMAINS" >domains
}

# Words like anna@example.org=dublin. The password is on disk before the account has it, so that
# nobody gets one that is lost.
add_sample_accounts() {
  mkdir -p passwords
  known=$(homeward account list --json)
  for word in $MAIL_SAMPLE_ACCOUNTS; do
    address=${word%=*}
    case $known in *"\"$address\""*) continue ;; esac
    [ -s "passwords/$address" ] || random 10 >"passwords/$address"
    homeward account add "$address" --site "${word#*=}" --password-file "passwords/$address" >/dev/null
    echo "account: $address at ${word#*=}; its password:"
    echo "  docker compose run --rm --entrypoint cat homeward passwords/$address"
  done
}

cd /srv/deployment
case ${1:-} in
redis-password)
  make_redis_password
  # Mounted by Redis alone, which is another user.
  give redis 0444 redis-users.acl users.acl
  ;;
deployment)
  expect_volumes
  make_deployment
  hand_out
  set_domains
  add_sample_accounts
  echo "ready: $MAIL_HOSTNAME with the sites $MAIL_SITES"
  ;;
*)
  sed -n '/^# /s/^# //p' "$0"
  exit 64
  ;;
esac
