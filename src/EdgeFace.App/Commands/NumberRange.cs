using System.Globalization;
using System.Numerics;

namespace EdgeFace.App.Commands;

/// <summary>
/// The numbers that an option takes, with the words for them. They are written as programs write them, whatever the language of the system is,
/// and without separators of groups.
/// </summary>
sealed class NumberRange<T>(string words, NumberStyles styles, Func<T, bool> contains) where T : struct, INumber<T>
{
    /// <summary>The number that a text is, or null where it is none of the range.</summary>
    public T? Read(string text) => T.TryParse(text, styles, CultureInfo.InvariantCulture, out var number) && contains(number) ? number : null;

    public override string ToString() => words;
}

/// <summary>The ranges in use.</summary>
static class NumberRange
{
    const NumberStyles Whole = NumberStyles.AllowLeadingSign;
    const NumberStyles Real = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    public static NumberRange<T> Positive<T>() where T : struct, IBinaryInteger<T> => new("a whole number above 0", Whole, n => n > T.Zero);

    public static NumberRange<T> FromZero<T>() where T : struct, IBinaryInteger<T> => new("a whole number from 0 on", Whole, n => n >= T.Zero);

    public static NumberRange<int> Between(int least, int most)
        => new($"a whole number between {least} and {most}", Whole, n => n >= least && n <= most);

    public static NumberRange<double> Between(double least, double most)
        => new(FormattableString.Invariant($"a number between {least} and {most}"), Real, n => n >= least && n <= most);

    /// <summary>A false match rate: at 0 nothing would match, at 1 everything.</summary>
    public static NumberRange<double> Rate { get; } = new("a number above 0 and below 1", Real, n => n is > 0 and < 1);
}
