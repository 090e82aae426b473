using System.Text;

namespace EdgeFace.Gallery;

/// <summary>
/// The one form in which names are stored and looked up: NFC, without white space around, and one space for each run of white space inside.
/// Letter case stays.
/// </summary>
static class NameForm
{
    /// <returns>The text itself if it holds lone surrogates: it is no text, and nobody has such a name.</returns>
    public static string Of(string text)
    {
        if (!GalleryRules.IsText(text)) return text;
        var words = new StringBuilder(text.Length);
        foreach (var c in text.AsSpan().Trim())
            if (!char.IsWhiteSpace(c)) words.Append(c);
            else if (words[^1] != ' ') words.Append(' ');
        return Nfc.Of(words.ToString());
    }
}
