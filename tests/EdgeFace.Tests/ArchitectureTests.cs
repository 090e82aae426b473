using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests;

/// <summary>Keeps the tables of docs/architecture.md true: they are read from there, so that the document and the code cannot differ.</summary>
public sealed partial class ArchitectureTests
{
    const string Document = "docs/architecture.md";
    const string Training = "EdgeFace.Training";
    const int MostLines = 450, LongLine = 150;
    const long MostBytes = 3 << 20;
    const string UpdateApi = "EDGEFACE_UPDATE_API";

    static readonly string[] LargeFiles = ["models/edgeface-xs-distilled.efw"];

    sealed record Project(string Name, string[] Projects, string[] Packages);

    sealed record Folder(string Name, string[] Namespaces, string[] RootTypes);

    static IReadOnlyList<Project> Projects { get; }
        = [.. Markdown.Table(Document, "project").Select(r => new Project(List(r[0]).Single(), List(r[1]), List(r[2])))];

    static IReadOnlyList<Folder> Folders { get; }
        = [.. Markdown.Table(Document, "folder").Select(r => new Folder(List(r[0]).Single(), List(r[1]), List(r[2])))];

    public static TheoryData<string> ProjectNames => [.. Projects.Select(p => p.Name)];

    // Loading it needs libtorch beside it: its own tests look at its references.
    public static TheoryData<string> LoadedNames => [.. Projects.Select(p => p.Name).Where(n => n != Training)];

    public static TheoryData<string> FolderNames => [.. Folders.Select(f => f.Name)];

    public static TheoryData<string> Libraries
        => ["EdgeFace", "EdgeFace.DefaultModels", "EdgeFace.Evaluation", "EdgeFace.Gallery", "EdgeFace.Gallery.Postgres", "EdgeFace.People",
            "EdgeFace.Vision"];

    // What .NET programs are hosted by is part of them anyway, so it may be seen.
    static readonly string[] Hosting =
    [
        "Microsoft.Extensions.Configuration.Abstractions", "Microsoft.Extensions.DependencyInjection.Abstractions",
        "Microsoft.Extensions.Logging.Abstractions",
    ];

    // A cell is a list in backticks, or the word none.
    static string[] List(string cell)
    {
        string[] names = [.. Markdown.Code(cell).Order(StringComparer.Ordinal)];
        Assert.True(names.Length > 0 || cell == "none", $"{Document}: a cell lists names in backticks or says none, not '{cell}'");
        return names;
    }

    [Fact]
    public void Table_lists_every_project_of_src()
        => Assert.Equal(Projects.Select(p => p.Name).Order(StringComparer.Ordinal),
            RepositoryFiles.Ending(".csproj").Where(f => f.StartsWith("src/", StringComparison.Ordinal))
                .Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal));

    [Theory, MemberData(nameof(ProjectNames))]
    public void Project_file_references_what_the_table_says(string name)
    {
        var project = Projects.Single(p => p.Name == name);
        var file = XDocument.Load(RepositoryFiles.Full($"src/{name}/{name}.csproj"));
        Assert.Equal(project.Projects,
            Includes(file, "ProjectReference").Select(i => Path.GetFileNameWithoutExtension(i.Replace('\\', '/'))).Order(StringComparer.Ordinal));
        Assert.Equal(project.Packages, Includes(file, "PackageReference").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Nothing_but_its_own_tests_references_training()
        => Assert.All(RepositoryFiles.Ending(".csproj").Where(f => !f.EndsWith($"{Training}.Tests.csproj", StringComparison.Ordinal)),
            f => Assert.DoesNotContain($"{Training}.csproj", RepositoryFiles.Read(f), StringComparison.Ordinal));

    [Theory, MemberData(nameof(LoadedNames))]
    public void Compiled_assembly_references_nothing_else(string name)
    {
        var project = Projects.Single(p => p.Name == name);
        foreach (var reference in Assembly.Load(name).GetReferencedAssemblies().Select(r => r.Name!))
        {
            if (IsOfRuntime(reference)) continue;
            // An assembly is called as its package, or one name shorter or longer.
            var allowed = project.Projects.Contains(reference) || project.Packages.Any(p =>
                (p + ".").StartsWith(reference + ".", StringComparison.Ordinal) || reference.StartsWith(p + ".", StringComparison.Ordinal));
            Assert.True(allowed, $"{name} references {reference}, which its row of {Document} does not list");
        }
    }

    /// <summary>What a program carries by a library, also by way of others.</summary>
    [Theory]
    [InlineData("EdgeFace")]
    [InlineData("EdgeFace.DefaultModels")]
    [InlineData("EdgeFace.Evaluation")]
    [InlineData("EdgeFace.Gallery", "Microsoft.Data.Sqlite", "SQLitePCLRaw.core", "System.Numerics.Tensors")]
    [InlineData("EdgeFace.People", "Microsoft.Data.Sqlite", "Microsoft.Extensions.Configuration.Abstractions",
        "Microsoft.Extensions.Configuration.Binder", "Microsoft.Extensions.DependencyInjection.Abstractions",
        "Microsoft.Extensions.Logging.Abstractions", "Microsoft.Extensions.Options", "SQLitePCLRaw.core", "SkiaSharp",
        "SkiaSharp.NativeAssets.Linux.NoDependencies", "System.Numerics.Tensors")]
    public void Library_brings_these_packages_alone(string name, params string[] packages)
    {
        Assert.Equal(packages, Brought(name).Distinct().Order(StringComparer.Ordinal));

        static IEnumerable<string> Brought(string of)
        {
            var project = Projects.Single(p => p.Name == of);
            return [.. project.Packages, .. project.Projects.SelectMany(Brought)];
        }
    }

    [Fact]
    public void EdgeFace_references_the_base_library_alone()
        => Assert.All(Assembly.Load("EdgeFace").GetReferencedAssemblies(),
            r => Assert.True(r.Name!.StartsWith("System.", StringComparison.Ordinal) && IsOfRuntime(r.Name), r.Name));

    [Fact]
    public void Table_lists_every_folder_of_the_engine()
        => Assert.Equal(Folders.Select(f => f.Name).Order(StringComparer.Ordinal),
            SourcesOf("src/EdgeFace/").Select(f => f.Split('/')).Where(p => p.Length > 3).Select(p => p[2])
                .Distinct().Order(StringComparer.Ordinal));

    [Theory, MemberData(nameof(FolderNames))]
    public void Folder_uses_what_the_table_says(string name)
    {
        var folder = Folders.Single(f => f.Name == name);
        var others = Folders.Select(f => f.Name).Where(n => n != name && !folder.Namespaces.Contains(n)).ToList();
        var root = typeof(FaceEmbedder).Assembly.GetTypes()
            .Where(t => t.Namespace == "EdgeFace" && !t.IsNested && Word().IsMatch(t.Name))
            .Select(t => t.Name).Except(folder.RootTypes).ToList();
        foreach (var file in SourcesOf($"src/EdgeFace/{name}/"))
        {
            var code = NotCode().Replace(RepositoryFiles.Read(file), " ");
            Assert.Contains($"namespace EdgeFace.{name};", code, StringComparison.Ordinal);
            foreach (var other in others)
                Assert.False(Regex.IsMatch(code, $@"\bEdgeFace\.{other}\b|(?<![\w.]){other}\.[A-Z]"),
                    $"{file} uses EdgeFace.{other}; {Document} lets {name} use {Some(folder.Namespaces)}");
            foreach (var type in root)
                Assert.False(Regex.IsMatch(code, $@"(?<![\w.]){type}\b"),
                    $"{file} uses {type} of the root; {Document} lets {name} use {Some(folder.RootTypes)}");
        }
    }

    [Theory]
    [InlineData("SkiaSharp", "src/EdgeFace.Vision/Codecs/")]
    [InlineData("OxyPlot", "src/EdgeFace.App/Reports/Plots.cs")]
    [InlineData("Microsoft.Data.Sqlite", "src/EdgeFace.Gallery/Sqlite/")]
    [InlineData("SQLitePCL", "src/EdgeFace.Gallery/Sqlite/")]
    [InlineData("Microsoft.Extensions", "src/EdgeFace.People/")]
    [InlineData("Npgsql", "src/EdgeFace.Gallery.Postgres/")]
    [InlineData("Pgvector", "src/EdgeFace.Gallery.Postgres/")]
    public void Package_is_named_in_its_place_alone(string package, string place)
    {
        Assert.Contains(SourcesOf(place), Names);
        Assert.All(SourcesOf("src/").Where(f => !f.StartsWith(place, StringComparison.Ordinal)),
            f => Assert.False(Names(f), $"{f} names {package}: its types stay in {place}"));

        bool Names(string file) => Regex.IsMatch(NotCode().Replace(RepositoryFiles.Read(file), " "), $@"\b{Regex.Escape(package)}\b");
    }

    /// <summary>Libraries serve servers too: which option or command of the tool helps is the tool's to say.</summary>
    [Fact]
    public void Messages_of_libraries_name_no_option_of_the_tool()
    {
        var libraries = SourcesOf("src/").Where(f => Libraries.Any(l => f.StartsWith($"src/{(string)l}/", StringComparison.Ordinal)));
        Assert.All(libraries, f => Assert.Empty(OfTheTool().Matches(Comment().Replace(RepositoryFiles.Read(f), "")).Select(m => m.Value)));
    }

    [Fact]
    public void Command_lines_are_read_by_commands_alone()
        => Assert.All(SourcesOf("src/").Where(f => !f.Contains("/Commands/", StringComparison.Ordinal)),
            f => Assert.False(RepositoryFiles.Read(f).Contains("ParseResult", StringComparison.Ordinal), f));

    [Fact]
    public void Every_restore_asks_for_advisories_on_all_packages_and_passes_without_them()
    {
        var properties = XDocument.Load(RepositoryFiles.Full("Directory.Build.props"));
        string Value(string name) => Assert.Single(properties.Descendants(), e => e.Name.LocalName == name).Value;
        Assert.Equal(("true", "all", "low"), (Value("NuGetAudit"), Value("NuGetAuditMode"), Value("NuGetAuditLevel")));
        var warnings = Value("WarningsNotAsErrors").Split(';');
        Assert.All((string[])["NU1900", "NU1901", "NU1902", "NU1903", "NU1904", "NU1905"], w => Assert.Contains(w, warnings));
        Assert.All(RepositoryFiles.All.Where(f => Path.GetExtension(f) is ".csproj" or ".targets"),
            f => Assert.DoesNotContain("NuGetAudit", RepositoryFiles.Read(f), StringComparison.Ordinal));
    }

    [Fact]
    public void Package_versions_stand_once_in_one_file()
    {
        var central = XDocument.Load(RepositoryFiles.Full("Directory.Packages.props"));
        var versions = central.Descendants().Where(e => e.Name.LocalName == "PackageVersion").ToList();
        var names = versions.Select(e => e.Attribute("Include")!.Value).ToList();
        Assert.Equal(names.Distinct(StringComparer.OrdinalIgnoreCase), names);
        Assert.All(versions, e => Assert.Matches(@"^\d+(\.\d+)+(-[\w.]+)?$", e.Attribute("Version")!.Value));
        var used = new HashSet<string>();
        // Samples reference the packages made of this repository: PackageTests.
        foreach (var file in RepositoryFiles.All.Where(f => !f.StartsWith("samples/", StringComparison.Ordinal))
            .Where(f => Path.GetExtension(f) is ".csproj" or ".props" or ".targets" && f != "Directory.Packages.props"))
        {
            var project = XDocument.Load(RepositoryFiles.Full(file));
            foreach (var reference in project.Descendants().Where(e => e.Name.LocalName is "PackageReference" or "GlobalPackageReference"))
            {
                Assert.True(!Carries(reference, "Version") && !Carries(reference, "VersionOverride"),
                    $"{file}: {reference} has a version; versions stand in Directory.Packages.props");
                used.Add(reference.Attribute("Include")!.Value);
            }
            Assert.DoesNotContain(project.Descendants(), e => e.Name.LocalName == "PackageVersion");
            if (file.EndsWith(".csproj", StringComparison.Ordinal)) Assert.DoesNotContain(project.Descendants(), e => e.Name.LocalName == "Version");
        }
        Assert.Equal(names.Order(StringComparer.Ordinal), used.Order(StringComparer.Ordinal));

        static bool Carries(XElement e, string name) => e.Attribute(name) is not null || e.Elements().Any(c => c.Name.LocalName == name);
    }

    [Theory, MemberData(nameof(Libraries))]
    public void Public_members_expose_no_type_of_others(string name)
    {
        var assembly = Assembly.Load(name);
        foreach (var (type, where) in PublicApi.TypesExposedBy(assembly))
        {
            var from = type.Assembly.GetName().Name!;
            Assert.True(type.Assembly == assembly || Projects.Any(p => p.Name == from) || IsOfRuntime(from)
                    || (name == "EdgeFace.People" && Hosting.Contains(from)),
                $"{where} exposes {type.FullName} of {from}");
        }
    }

    [Theory, MemberData(nameof(Libraries))]
    public void Public_api_is_the_listed_one(string name)
    {
        var file = RepositoryFiles.Full($"tests/EdgeFace.Tests/PublicApi/{name}.txt");
        string found = PublicApi.Describe(Assembly.Load(name)), listed = File.Exists(file) ? File.ReadAllText(file).ReplaceLineEndings("\n") : "";
        if (found == listed) return;
        var difference = Difference(listed, found);
        // Rewriting also fails, so that a run with the variable left set can never pass over a change.
        if (Environment.GetEnvironmentVariable(UpdateApi) == "1")
        {
            File.WriteAllText(file, found);
            Assert.Fail($"{file} was rewritten; read the difference, run again without {UpdateApi}, and commit it with the change:\n{difference}");
        }
        Assert.Fail($"the public API of {name} is not what {file} lists. If that is meant, run this test with {UpdateApi}=1, "
            + $"which rewrites the file, and say so in CHANGELOG.md.\n{difference}");
    }

    [Fact]
    public void Source_files_stay_short()
        => Assert.All(RepositoryFiles.Ending(".cs"), f => Assert.True(File.ReadLines(RepositoryFiles.Full(f)).Count() <= MostLines,
            $"{f} has more than {MostLines} lines: it holds more than one thing"));

    [Fact]
    public void Lines_stay_short_but_in_raw_strings()
        => Assert.All(RepositoryFiles.Ending(".cs"), f =>
        {
            var raw = false;
            foreach (var (i, line) in File.ReadLines(RepositoryFiles.Full(f)).Index())
            {
                Assert.True(raw || line.Length < LongLine, $"{f}:{i + 1} has {line.Length} characters");
                raw ^= line.Split("\"\"\"").Length % 2 == 0;
            }
        });

    [Fact]
    public void Each_JSON_document_of_the_program_has_a_file()
    {
        var documents = SourcesOf("src/EdgeFace.App/")
            .SelectMany(f => DocumentRecord().Matches(RepositoryFiles.Read(f)).Select(m => (f, m.Groups[1].Value)));
        Assert.NotEmpty(documents);
        Assert.All(documents, d => Assert.Equal($"src/EdgeFace.App/Output/Documents/{d.Value}.cs", d.f));
    }

    [Fact]
    public void No_folder_is_a_drawer()
        => Assert.DoesNotContain(RepositoryFiles.All.SelectMany(f => f.Split('/')[..^1]),
            p => p.ToLowerInvariant() is "utils" or "util" or "helpers" or "helper");

    [Fact]
    public void No_file_is_large()
        => Assert.All(RepositoryFiles.All.Except(LargeFiles),
            f => Assert.True(new FileInfo(RepositoryFiles.Full(f)).Length <= MostBytes, $"{f} is larger than {MostBytes} bytes"));

    [Fact]
    public void Models_folder_holds_cards_and_weights_in_pairs()
    {
        string[] files = [.. RepositoryFiles.All.Where(f => f.StartsWith("models/", StringComparison.Ordinal)).Select(f => f["models/".Length..])];
        string[] names = [.. files.Where(f => f.EndsWith(".efw", StringComparison.Ordinal)).Select(f => f[..^".efw".Length])];
        Assert.NotEmpty(names);
        Assert.Equal(
            names.SelectMany(n => (string[])[n + ".card.json", n + ".efw"]).Append("LICENSE.md").Append("release.sh").Order(StringComparer.Ordinal),
            files.Order(StringComparer.Ordinal));
        foreach (var name in names)
        {
            using var model = ModelFile.Open(TestData.Model(name + ".efw"));
            var beside = ModelCard.FromJson(File.ReadAllBytes(TestData.Model(name + ".card.json")), name);
            Assert.Equal(name, beside.Name);
            Assert.Equal(beside.ToJson(), model.Card.ToJson());
        }
        Assert.Equal(names.Select(n => n + ".efw").Order(StringComparer.Ordinal),
            typeof(DefaultModels).Assembly.GetManifestResourceNames().Order(StringComparer.Ordinal));
    }

    static IEnumerable<string> SourcesOf(string folder) => RepositoryFiles.Ending(".cs").Where(f => f.StartsWith(folder, StringComparison.Ordinal));

    static IEnumerable<string> Includes(XDocument project, string item)
        => project.Descendants().Where(e => e.Name.LocalName == item).Select(e => e.Attribute("Include")!.Value);

    // Not by the name alone: System.CommandLine is a package.
    static bool IsOfRuntime(string assembly) => File.Exists(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), assembly + ".dll"));

    static string Some(string[] names) => names.Length == 0 ? "none" : string.Join(", ", names);

    static string Difference(string listed, string found)
    {
        // A member is compared together with its type, as two types may have members of the same text.
        string[] before = [.. Qualified(listed)], after = [.. Qualified(found)];
        var lines = before.Except(after).Select(l => "- " + l).Concat(after.Except(before).Select(l => "+ " + l)).ToList();
        return lines.Count > 0 ? string.Join('\n', lines) : "only the order or the white space differs";

        static IEnumerable<string> Qualified(string text)
        {
            var type = "";
            foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                if (!line.StartsWith(' ')) type = line;
                yield return line.StartsWith(' ') ? $"{type} >> {line.Trim()}" : line;
            }
        }
    }

    [GeneratedRegex(@"//[^\n]*|/\*.*?\*/|@""(?:[^""]|"""")*""|""(?:\\.|[^""\\\n])*""|'(?:\\.[^']*|[^'\\\n])'", RegexOptions.Singleline)]
    private static partial Regex NotCode();

    [GeneratedRegex("\"[^\"\n]*(?: |\\(|'|^)(?:--[a-z]|edgeface (?:gallery|models|enroll|identify|eval|calibrate) )[^\"\n]*\"")]
    private static partial Regex OfTheTool();

    [GeneratedRegex("//[^\n]*")]
    private static partial Regex Comment();

    [GeneratedRegex(@"\brecord (\w+)\(\s*string Schema\b")]
    private static partial Regex DocumentRecord();

    [GeneratedRegex(@"^\w+$")]
    private static partial Regex Word();
}
