using System.CommandLine;
using System.CommandLine.Parsing;
using System.Numerics;

namespace EdgeFace.App.Commands;

/// <summary>The one way in which options and arguments take numbers. A refusal tells what was typed, and the range.</summary>
static class NumberOption
{
    /// <summary>Lets an option take numbers of <paramref name="range"/> alone.</summary>
    public static Option<T> In<T>(this Option<T> option, NumberRange<T> range) where T : struct, INumber<T>
    {
        option.CustomParser = result => Read(result, option.Name, range) is [var one, ..] ? one : default;
        return option;
    }

    /// <inheritdoc cref="In{T}(Option{T}, NumberRange{T})"/>
    public static Option<T?> In<T>(this Option<T?> option, NumberRange<T> range) where T : struct, INumber<T>
    {
        option.CustomParser = result => Read(result, option.Name, range) is [var one, ..] ? one : null;
        return option;
    }

    /// <inheritdoc cref="In{T}(Option{T}, NumberRange{T})"/>
    public static Option<T[]> In<T>(this Option<T[]> option, NumberRange<T> range) where T : struct, INumber<T>
    {
        option.CustomParser = result => Read(result, option.Name, range);
        return option;
    }

    /// <summary>Lets an argument take numbers of <paramref name="range"/> alone.</summary>
    public static Argument<T> In<T>(this Argument<T> argument, NumberRange<T> range) where T : struct, INumber<T>
    {
        argument.CustomParser = result => Read(result, $"<{argument.Name}>", range) is [var one, ..] ? one : default;
        return argument;
    }

    static T[] Read<T>(ArgumentResult result, string name, NumberRange<T> range) where T : struct, INumber<T>
    {
        List<T> numbers = [];
        foreach (var token in result.Tokens)
        {
            if (range.Read(token.Value) is { } number) numbers.Add(number);
            else result.AddError($"{name} is {range}, not '{token.Value}'.");
        }
        return [.. numbers];
    }
}
