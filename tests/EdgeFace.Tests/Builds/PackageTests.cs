using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Builds;

/// <summary>
/// What is published says what it is, and shows a program that compiles. What is inside the packages, and whether they restore and run, is tried by
/// <c>./release.sh --check</c>.
/// </summary>
public sealed partial class PackageTests
{
    const string Tool = "EdgeFace.App";

    static IEnumerable<string> Published => RepositoryFiles.Ending(".csproj")
        .Where(f => f.StartsWith("src/", StringComparison.Ordinal) && RepositoryFiles.Read(f).Contains("<IsPackable", StringComparison.Ordinal));

    static IEnumerable<string> Names => Published.Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal);

    public static TheoryData<string> Packages => [.. Names];

    public static TheoryData<string> Libraries => [.. Names.Where(n => n != Tool)];

    public static TheoryData<string> Samples => [.. RepositoryFiles.Ending(".csproj")
        .Where(f => f.StartsWith("samples/", StringComparison.Ordinal))];

    [Fact]
    public void Every_library_and_the_tool_are_published()
    {
        var libraries = RepositoryFiles.Ending(".csproj").Where(f => f.StartsWith("src/", StringComparison.Ordinal)
            && !RepositoryFiles.Read(f).Contains("<OutputType>", StringComparison.Ordinal)).Select(f => Path.GetFileNameWithoutExtension(f));
        Assert.Equal(libraries.Append(Tool).Order(StringComparer.Ordinal), Names);
    }

    [Theory, MemberData(nameof(Packages))]
    public void Package_says_what_it_is(string name)
    {
        var project = XDocument.Load(RepositoryFiles.Full($"src/{name}/{name}.csproj"));
        string Value(string property) => Assert.Single(project.Descendants(), e => e.Name.LocalName == property).Value;
        Assert.InRange(Value("Description").Length, 40, 250);
        Assert.Matches(@"^[a-z0-9-]+(;[a-z0-9-]+)*$", Value("PackageTags"));
        var readme = RepositoryFiles.Read($"src/{name}/README.md");
        Assert.StartsWith($"# {(name == Tool ? Value("PackageId") : name)}\n", readme, StringComparison.Ordinal);
        // It is shown apart from the repository, where such links lead nowhere.
        Assert.DoesNotContain(Markdown.Links(readme), l => !l.StartsWith("https://", StringComparison.Ordinal));
        if (name != Tool) Assert.Contains($"\ndotnet add package {name}\n", readme, StringComparison.Ordinal);
        Assert.All(AddedPackage().Matches(readme), m => Assert.Contains(m.Groups[1].Value, Names));
    }

    [Theory, MemberData(nameof(Libraries))]
    public void Program_of_the_readme_compiles(string name)
    {
        using var folder = new TempFolder();
        var program = Program().Match(RepositoryFiles.Read($"src/{name}/README.md")).Groups[1].Value;
        Assert.InRange(program.Split('\n').Count(l => l.Trim().Length > 0), 5, 15);
        File.WriteAllText(folder["Program.cs"], program);
        File.WriteAllText(folder["Usings.cs"],
            "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq;");
        var assemblies = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        File.WriteAllLines(folder["compile.rsp"], ["-nullable", "-warnaserror", .. assemblies.Select(a => $"-r:\"{a}\"")]);
        var compiler = typeof(PackageTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "Compiler").Value!;
        ProcessRun.Of("dotnet", [compiler, "-noconfig", "-nologo", $"@{folder["compile.rsp"]}", $"-out:{folder["program.dll"]}",
            folder["Program.cs"], folder["Usings.cs"]]).Succeeds();
    }

    /// <summary>So that a sample copied out of the repository restores, and inside is built on the projects: samples/Directory.Build.targets.
    /// </summary>
    [Theory, MemberData(nameof(Samples))]
    public void Sample_references_own_packages_alone(string project)
    {
        var file = XDocument.Load(RepositoryFiles.Full(project));
        Assert.DoesNotContain(file.Descendants(), e => e.Name.LocalName == "ProjectReference");
        Assert.All(file.Descendants().Where(e => e.Name.LocalName == "PackageReference"),
            e => Assert.Equal((true, "*"), (Names.Contains(e.Attribute("Include")!.Value), e.Attribute("Version")!.Value)));
        var name = Path.GetFileNameWithoutExtension(project);
        Assert.InRange(RepositoryFiles.Read($"samples/{name}/Program.cs").Split('\n').Length, 5, 60);
        Assert.Contains($"\n## {name}\n", RepositoryFiles.Read("samples/README.md"), StringComparison.Ordinal);
    }

    [GeneratedRegex("^dotnet add package (.+)$", RegexOptions.Multiline)]
    private static partial Regex AddedPackage();

    [GeneratedRegex("^```csharp\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Program();
}
