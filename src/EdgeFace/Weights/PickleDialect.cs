namespace EdgeFace.Weights;

/// <summary>What a dialect does not allow; the reader adds the file and the place.</summary>
sealed class PickleRefusal(string what) : Exception(what);

/// <summary>
/// What one kind of file makes of a pickle: the globals it may name and what calling them means. Nothing is looked up or executed.
/// </summary>
abstract class PickleDialect
{
    /// <summary>What the file should be, for errors.</summary>
    public abstract string Expected { get; }

    /// <summary>The pickle's name inside its file, for errors; null where the pickle is the file.</summary>
    public abstract string? Part { get; }

    /// <summary>What a refused opcode is not allowed in.</summary>
    public abstract string Kind { get; }

    /// <summary>Longer texts are refused, or, with <see cref="HasBytes"/>, left where they are as <see cref="PickleBytes"/>.</summary>
    public abstract int MaxText { get; }

    /// <summary>Whether byte strings are allowed.</summary>
    public virtual bool HasBytes => false;

    /// <summary>The closed list.</summary>
    public abstract bool Allows(string global);

    public abstract object Reduce(string global, object?[] arguments, ReadBudget budget);

    public abstract object PersistentId(object? id);

    /// <summary>Gives a value its state.</summary>
    public abstract void Build(object? target, object? state);
}
