#!/usr/bin/env bash
# All that osls would take for its own, where a shell script may have it. Never run.
# ${env:HOME} ${self:service} ${sls:stage} ${opt:region} ${AWS::Region} ${file(runners.yml)} {{resolve:no}}
x=${name:-fallback} y=${UPPER:?missing} z=${list[@]} n=${#x} p=${x//\\/\"} q=${outer:-${inner:-$(date)}}
echo "\${literal} \\${twice} \\\${thrice} \\\\${four}" '$' $$ "$"'${quoted}' $\{ $ {x} ${} "${x}\\" 'ü	'
