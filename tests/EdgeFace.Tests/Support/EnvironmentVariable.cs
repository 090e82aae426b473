namespace EdgeFace.Tests.Support;

/// <summary>Sets a variable of this process for a while. Tests that do so belong to one collection, because the variable is everybody's.</summary>
sealed class EnvironmentVariable : IDisposable
{
    readonly string _name;
    readonly string? _before;

    public EnvironmentVariable(string name, string? value)
    {
        (_name, _before) = (name, Environment.GetEnvironmentVariable(name));
        Environment.SetEnvironmentVariable(name, value);
    }

    public void Dispose() => Environment.SetEnvironmentVariable(_name, _before);
}
