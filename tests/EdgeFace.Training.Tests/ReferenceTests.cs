using System.Runtime.InteropServices;
using EdgeFace.Tests.Support;

namespace EdgeFace.Training.Tests;

/// <summary>What docs/architecture.md says of this project, on the assembly that is compiled.</summary>
public sealed class ReferenceTests
{
    [Fact]
    public void Compiled_assembly_references_what_the_table_says()
    {
        var row = Markdown.Table("docs/architecture.md", "project").Single(r => r[0] == "`EdgeFace.Training`");
        string[] allowed = [.. Markdown.Code(row[1]), .. Markdown.Code(row[2])];
        Assert.All(typeof(TrainingRun).Assembly.GetReferencedAssemblies().Select(r => r.Name!).Where(n => !IsOfRuntime(n)),
            n => Assert.Contains(n, allowed));
        Assert.All(allowed.Where(a => !a.StartsWith("libtorch", StringComparison.Ordinal)),
            a => Assert.Contains(a, typeof(TrainingRun).Assembly.GetReferencedAssemblies().Select(r => r.Name)));
    }

    static bool IsOfRuntime(string assembly) => File.Exists(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), assembly + ".dll"));
}
