# Reads what nft is told and prints its statements, one a line and without anything of the user's choice:
#
#   add rule inet fib daddr type local jump -
#   add chain bridge { type filter hook prerouting priority - 300 ; }
#   list table inet
#
# Names of tables, chains, sets and objects, quoted texts and comments are left out: a network may be called "fib".

{ text = text $0 "\n" }

END {
  tokenize(text)
  for (at = 1; at <= tokens; ) at = readStatement(at, "", "")
}

function tokenize(rest,   word) {
  gsub(/\\\n/, " ", rest)
  while (rest != "") {
    if (match(rest, /^[ \t\r]+/)) { rest = substr(rest, RLENGTH + 1); continue }
    if (match(rest, /^#[^\n]*/)) { rest = substr(rest, RLENGTH + 1); continue }
    if (match(rest, /^"[^"]*"?/)) word = "\"\""
    else if (match(rest, /^[\n;]/)) word = ";"
    else if (match(rest, /^[{}(),=]/)) word = substr(rest, 1, 1)
    else { match(rest, /^[^ \t\r\n;{}(),="#]+/) || match(rest, /^./); word = substr(rest, 1, RLENGTH) }
    rest = substr(rest, RLENGTH + 1)
    token[++tokens] = word
  }
}

# Index of the token after the brace that closes the one at `from`.
function afterBlock(from,   depth) {
  for (; from <= tokens; from++) {
    if (token[from] == "{") depth++
    if (token[from] == "}" && --depth == 0) return from + 1
  }
  return from
}

# One statement; `family` and `chain` tell what block it is in. Returns the index of the token after it.
function readStatement(from, family, chain,   verb, object, end, own) {
  if (token[from] == ";" || token[from] == "}") return from + 1
  end = endOf(from)
  if (chain != "") { emit("add " (token[from] ~ /^(type|policy|comment|flags|devices?)$/ ? "chain " : "rule ") family, from, end); return end }
  verb = "add"
  if (token[from] ~ /^(add|create|insert|replace|delete|destroy|flush|list|reset|rename)$/) { verb = token[from++]; if (verb ~ /^(create|insert|replace)$/) verb = "add" }
  object = "rule"
  if (token[from] ~ /^(table|chain|rule|sets?|maps?|flowtables?|element|counters?|quotas?|limits?|ct|secmark|synproxy|ruleset|hooks|tables|chains|meter|define|include|undefine|redefine)$/) object = token[from++]
  own = family
  if (own == "") own = token[from] ~ /^(ip|ip6|inet|arp|bridge|netdev)$/ ? token[from++] : "ip"
  if (object == "table" && verb == "add") {
    print verb, object, own
    from++
    if (token[from] != "{") return from
    for (from++; from <= tokens && token[from] != "}"; ) from = readStatement(from, own, "")
    return from + 1
  }
  # In the block of a table the table's name is not said again.
  if (family == "") from++
  if (object == "rule" && family == "") from++
  if (object ~ /^(chain|set|map|flowtable|element|counter|quota|limit)$/) from++
  if (object == "chain" && family != "" && token[from] == "{") {
    print verb, object, own
    for (from++; from <= tokens && token[from] != "}"; ) from = readStatement(from, own, "in")
    return from + 1
  }
  emit(verb " " object " " own, from, end)
  return end
}

# Index of the token that ends a statement: `;`, or the brace of its block.
function endOf(from) {
  while (from <= tokens && token[from] != ";" && token[from] != "}") from = token[from] == "{" ? afterBlock(from) : from + 1
  return from
}

function emit(line, from, end) {
  for (; from < end; from++) {
    # What is jumped to and looked up in has a name.
    if (token[from - 1] ~ /^(jump|goto|handle|position|index)$/ || token[from] ~ /^@[^,]*$/) line = line " -"
    else line = line " " token[from]
  }
  print line
}
