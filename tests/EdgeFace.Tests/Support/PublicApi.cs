using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace EdgeFace.Tests.Support;

/// <summary>What users of an assembly can see, from its metadata.</summary>
static class PublicApi
{
    const BindingFlags Declared
        = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    static readonly NullabilityInfoContext Nullability = new();

    /// <summary>The public API as text, one member a line, in an order that does not depend on the source.</summary>
    public static string Describe(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (var type in assembly.GetExportedTypes().OrderBy(t => t.FullName, StringComparer.Ordinal))
        {
            text.Append(text.Length > 0 ? "\n" : "").Append(Header(type)).Append('\n');
            foreach (var line in Members(type).Select(Line).Order(StringComparer.Ordinal)) text.Append("    ").Append(line).Append('\n');
        }
        return text.ToString();
    }

    /// <summary>Every type that a public type's declaration names, with where it names it.</summary>
    public static IEnumerable<(Type Type, string Where)> TypesExposedBy(Assembly assembly)
    {
        foreach (var type in assembly.GetExportedTypes())
        {
            foreach (var part in Parts(type.BaseType).Concat(type.GetInterfaces().SelectMany(Parts))) yield return (part, type.FullName!);
            foreach (var member in Members(type))
                foreach (var part in Named(member).SelectMany(Parts)) yield return (part, $"{type.FullName}.{member.Name}");
        }
    }

    /// <summary>What is visible outside, without what the compiler writes for records and accessors.</summary>
    static IEnumerable<MemberInfo> Members(Type type)
        => type.GetMembers(Declared).Where(m => m switch
        {
            _ when m.IsDefined(typeof(CompilerGeneratedAttribute)) && m is not PropertyInfo => false,
            MethodInfo method => Visible(method) && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal)),
            ConstructorInfo constructor => Visible(constructor),
            FieldInfo field => (field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly) && !field.IsSpecialName,
            PropertyInfo property => property.GetAccessors(true).Any(Visible) && property.Name != "EqualityContract",
            EventInfo e => e.AddMethod is { } add && Visible(add),
            _ => false,
        });

    static bool Visible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    static IEnumerable<Type> Named(MemberInfo member) => member switch
    {
        MethodInfo method =>
        [
            method.ReturnType,
            .. method.GetParameters().Select(p => p.ParameterType),
            .. method.GetGenericArguments().SelectMany(a => a.GetGenericParameterConstraints()),
        ],
        ConstructorInfo constructor => constructor.GetParameters().Select(p => p.ParameterType),
        PropertyInfo property => [property.PropertyType, .. property.GetIndexParameters().Select(p => p.ParameterType)],
        FieldInfo field => [field.FieldType],
        EventInfo e => [e.EventHandlerType!],
        _ => [],
    };

    static IEnumerable<Type> Parts(Type? type)
    {
        if (type is null || type.IsGenericParameter) return [];
        return type.HasElementType ? Parts(type.GetElementType()) : [type, .. type.GetGenericArguments().SelectMany(Parts)];
    }

    static string Header(Type type)
    {
        var record = type.GetMethod("PrintMembers", Declared) is not null ? "record " : "";
        var kind = type.IsEnum ? "enum"
            : typeof(Delegate).IsAssignableFrom(type) ? "delegate"
            : type.IsInterface ? "interface"
            : type.IsValueType
                ? $"{(type.IsDefined(typeof(IsReadOnlyAttribute)) ? "readonly " : "")}{(type.IsByRefLike ? "ref " : "")}{record}struct"
            : (type.IsAbstract && type.IsSealed ? "static " : type.IsAbstract ? "abstract " : type.IsSealed ? "sealed " : "")
                + (record.Length > 0 ? "record" : "class");
        IEnumerable<Type> bases = type.IsEnum ? [Enum.GetUnderlyingType(type)]
            : type.IsValueType || type.BaseType == typeof(object) || type.BaseType is null ? []
            : [type.BaseType];
        if (!type.IsEnum)
            bases = bases.Concat(type.GetInterfaces().Except(type.BaseType?.GetInterfaces() ?? [])
                .Where(i => !(i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IEquatable<>) && record.Length > 0))
                .OrderBy(i => i.FullName, StringComparer.Ordinal));
        var list = string.Join(", ", bases.Select(Name));
        return $"{kind} {type.Namespace}.{Name(type)}{(list.Length > 0 ? " : " + list : "")}";
    }

    static string Line(MemberInfo member) => member switch
    {
        FieldInfo { IsLiteral: true, DeclaringType.IsEnum: true } f
            => $"{f.Name} = {Convert.ToInt64(f.GetRawConstantValue(), CultureInfo.InvariantCulture)}",
        FieldInfo { IsLiteral: true } f => $"const {Name(f.FieldType)} {f.Name} = {Literal(f.GetRawConstantValue())}",
        FieldInfo f => $"{Scope(f.IsPublic, f.IsStatic)}{(f.IsInitOnly ? "readonly " : "")}{Annotated(f.FieldType, Nullability.Create(f))} {f.Name}",
        PropertyInfo p => Property(p),
        ConstructorInfo c => $"{Scope(c.IsPublic, false)}new({Parameters(c)})",
        MethodInfo m => Scope(m.IsPublic, m.IsStatic)
            + (m.IsAbstract ? "abstract " : m.GetBaseDefinition() != m ? "override " : m.IsVirtual && !m.IsFinal ? "virtual " : "")
            + $"{Annotated(m.ReturnType, Nullability.Create(m.ReturnParameter))} {m.Name}{Generic(m.GetGenericArguments())}({Parameters(m)})",
        EventInfo e => $"event {Name(e.EventHandlerType!)} {e.Name}",
        _ => member.ToString()!,
    };

    static string Property(PropertyInfo p)
    {
        var get = p.GetMethod is { } g && Visible(g) ? "get; " : "";
        var set = p.SetMethod is { } s && Visible(s)
            ? s.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? "init; " : "set; "
            : "";
        var one = p.GetAccessors(true)[0];
        var index = p.GetIndexParameters() is { Length: > 0 } parameters ? $"[{string.Join(", ", parameters.Select(Parameter))}]" : "";
        return $"{Scope(one.IsPublic, one.IsStatic)}{(p.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "")}"
            + $"{Annotated(p.PropertyType, Nullability.Create(p))} {p.Name}{index} {{ {get}{set}}}";
    }

    static string Scope(bool isPublic, bool isStatic) => (isPublic ? "" : "protected ") + (isStatic ? "static " : "");

    static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(Parameter));

    static string Parameter(ParameterInfo p)
    {
        var way = p.IsOut ? "out "
            : p.IsIn && p.ParameterType.IsByRef ? "in "
            : p.ParameterType.IsByRef ? "ref "
            : p.IsDefined(typeof(ParamArrayAttribute)) || p.IsDefined(typeof(ParamCollectionAttribute)) ? "params "
            : "";
        var type = p.ParameterType.IsByRef ? Name(p.ParameterType.GetElementType()!) : Annotated(p.ParameterType, Nullability.Create(p));
        return $"{way}{type} {p.Name}{(p.HasDefaultValue ? " = " + Default(p) : "")}";
    }

    static string Default(ParameterInfo p) => p.RawDefaultValue switch
    {
        null when p.ParameterType.IsValueType && Nullable.GetUnderlyingType(p.ParameterType) is null => "default",
        { } value when p.ParameterType.IsEnum => $"{Name(p.ParameterType)}.{Enum.GetName(p.ParameterType, value)}",
        var value => Literal(value),
    };

    static string Literal(object? value) => value switch
    {
        null => "null",
        string s => $"\"{s}\"",
        bool b => b ? "true" : "false",
        IFormattable f => f.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    static string Annotated(Type type, NullabilityInfo info)
    {
        var nullable = !type.IsValueType && info.ReadState == NullabilityState.Nullable ? "?" : "";
        if (type.IsArray && info.ElementType is { } element) return $"{Annotated(type.GetElementType()!, element)}[]{nullable}";
        if (type.IsGenericType && !type.IsValueType && info.GenericTypeArguments.Length == type.GetGenericArguments().Length)
            return $"{Plain(type)}<{string.Join(", ", type.GetGenericArguments().Zip(info.GenericTypeArguments, Annotated))}>{nullable}";
        return Name(type) + nullable;
    }

    static string Name(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } of) return Name(of) + "?";
        if (type.IsArray) return Name(type.GetElementType()!) + "[]";
        if (type.IsPointer) return Name(type.GetElementType()!) + "*";
        return Plain(type) + Generic(type.GetGenericArguments());
    }

    static string Generic(Type[] arguments) => arguments.Length == 0 ? "" : $"<{string.Join(", ", arguments.Select(Name))}>";

    static string Plain(Type type) => type switch
    {
        _ when type == typeof(void) => "void",
        _ when type == typeof(object) => "object",
        _ when type == typeof(string) => "string",
        _ when type == typeof(bool) => "bool",
        _ when type == typeof(byte) => "byte",
        _ when type == typeof(int) => "int",
        _ when type == typeof(long) => "long",
        _ when type == typeof(float) => "float",
        _ when type == typeof(double) => "double",
        { IsNested: true, IsGenericParameter: false } => $"{Plain(type.DeclaringType!)}.{Bare(type)}",
        _ => Bare(type),
    };

    static string Bare(Type type) => type.Name.Split('`')[0];
}
