#!/bin/sh
# Obeys what is said on the second serial line: a word and a length, then as many bytes of commands. Answers with the
# word, how the commands ended, and how many bytes they printed and complained, and then those bytes.
most=65536
place=/run/tests-shell
mkdir -p -m 700 "$place"
stty raw -echo
echo ready
while read -r word length; do
    head -c "$length" >"$place/commands"
    timeout 100 sh "$place/commands" </dev/null >"$place/printed" 2>"$place/complained"
    status=$?
    printed=$(head -c "$most" "$place/printed" | wc -c)
    complained=$(head -c "$most" "$place/complained" | wc -c)
    echo "$word $status $printed $complained"
    head -c "$printed" "$place/printed"
    head -c "$complained" "$place/complained"
done
