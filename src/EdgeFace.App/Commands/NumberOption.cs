using System.CommandLine;
using System.CommandLine.Parsing;
using System.Numerics;

namespace EdgeFace.App.Commands;

/// <summary>The one way in which options take numbers. A refusal tells what was typed, and the range.</summary>
static class NumberOption
{
    /// <summary>Lets an option take numbers of <paramref name="range"/> alone.</summary>
    public static Option<T> In<T>(this Option<T> option, NumberRange<T> range) where T : struct, INumber<T>
    {
        option.CustomParser = result => Read(result, option, range) is [var one, ..] ? one : default;
        return option;
    }

    /// <inheritdoc cref="In{T}(Option{T}, NumberRange{T})"/>
    public static Option<T?> In<T>(this Option<T?> option, NumberRange<T> range) where T : struct, INumber<T>
    {
        option.CustomParser = result => Read(result, option, range) is [var one, ..] ? one : null;
        return option;
    }

    /// <inheritdoc cref="In{T}(Option{T}, NumberRange{T})"/>
    public static Option<T[]> In<T>(this Option<T[]> option, NumberRange<T> range) where T : struct, INumber<T>
    {
        option.CustomParser = result => Read(result, option, range);
        return option;
    }

    static T[] Read<T>(ArgumentResult result, Option option, NumberRange<T> range) where T : struct, INumber<T>
    {
        List<T> numbers = [];
        foreach (var token in result.Tokens)
        {
            if (range.Read(token.Value) is { } number) numbers.Add(number);
            else result.AddError($"{option.Name} is {range}, not '{token.Value}'.");
        }
        return [.. numbers];
    }
}
