using System.CommandLine;

namespace EdgeFace.App.Commands;

/// <summary><c>edgeface completion bash|zsh|fish</c>: what a shell runs to complete words of this program.</summary>
static class CompletionCommand
{
    // Options are offered where one is begun: else files, which most arguments are, would never be.
    const string Bash = """
        _edgeface() {
            local word=${COMP_WORDS[COMP_CWORD]} offers
            offers=$(edgeface "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null)
            [[ $word == -* ]] || offers=$(grep -v '^-' <<< "$offers")
            local IFS=$'\n'
            COMPREPLY=($(compgen -W "$offers" -- "$word"))
        }
        complete -o default -F _edgeface edgeface

        """;

    const string Zsh = """
        #compdef edgeface
        _edgeface() {
            local -a offers
            offers=(${(f)"$(edgeface "[suggest:$CURSOR]" "$BUFFER" 2>/dev/null)"})
            [[ $PREFIX == -* ]] || offers=(${offers:#-*})
            offers=(${(M)offers:#$PREFIX*})
            if (( $#offers )); then compadd -a offers; else _files; fi
        }
        compdef _edgeface edgeface

        """;

    const string Fish = """
        function __edgeface_offers
            set -l word (commandline -t)
            set -l offers (edgeface "[suggest:"(commandline -C)"]" (commandline) 2>/dev/null)
            string match -q -- '-*' $word; or set offers (string match -v -- '-*' $offers)
            string match -- "$word*" $offers
        end
        complete -c edgeface -a '(__edgeface_offers)'

        """;

    public static Command Create(Terminal terminal)
    {
        Argument<string> shell = new("shell") { Description = "The shell: bash, zsh or fish." };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new Command("completion", "Print the completion of this program for a shell, as in 'source <(edgeface completion bash)'.")
        {
            shell,
        };
        command.SetAction(parsed =>
        {
            terminal.Layout.Write((parsed.GetRequiredValue(shell) switch { "bash" => Bash, "zsh" => Zsh, _ => Fish }).ReplaceLineEndings("\n"));
            return ExitCode.Done;
        });
        return command;
    }
}
