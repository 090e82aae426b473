using System.Reflection;
using System.Text.RegularExpressions;
using EdgeFace.Evaluation;
using EdgeFace.Evaluation.Data;
using EdgeFace.Gallery;
using EdgeFace.Gallery.Postgres;
using EdgeFace.Models;
using EdgeFace.Tests.Evaluation;
using EdgeFace.Tests.Gallery;
using EdgeFace.Tests.Support;
using EdgeFace.Vision;
using Microsoft.Data.Sqlite;

namespace EdgeFace.Tests;

/// <summary>Who is at fault for each kind of error that the libraries tell: exit codes and statuses follow from it.</summary>
public sealed class ErrorKindTests : IDisposable
{
    readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    static readonly string[] Libraries = ["EdgeFace", "EdgeFace.Vision", "EdgeFace.Evaluation", "EdgeFace.Gallery", "EdgeFace.Gallery.Postgres"];

    public static TheoryData<string> TypesWithAnInnerError => [.. Libraries.SelectMany(l => Assembly.Load(l).GetTypes())
        .Where(t => !t.IsAbstract && InnerConstructor(t) is not null).Select(t => t.AssemblyQualifiedName!)];

    static ConstructorInfo? InnerConstructor(Type type) => !type.IsSubclassOf(typeof(EdgeFaceException)) ? null
        : type.GetConstructors(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance)
            .FirstOrDefault(c => c.GetParameters() is [.., { ParameterType: var last }] && last == typeof(Exception));

    [Theory, MemberData(nameof(TypesWithAnInnerError))]
    public void What_was_underneath_says_whether_the_machine_failed(string type)
    {
        var constructor = InnerConstructor(Type.GetType(type)!)!;
        ErrorKind Of(Exception inner)
        {
            object[] arguments = [.. constructor.GetParameters().SkipLast(1).Select(_ => (object)"text"), inner];
            return ((EdgeFaceException)constructor.Invoke(arguments)).Kind;
        }
        Assert.Equal(ErrorKind.Machine, Of(new IOException("the disk failed")));
        Assert.Equal(ErrorKind.Machine, Of(new UnauthorizedAccessException()));
        Assert.Equal(ErrorKind.Machine, Of(new InsufficientMemoryException()));
        Assert.Equal(ErrorKind.Machine, Of(new ImageFormatException("", new IOException())));
        Assert.Equal(ErrorKind.Input, Of(new EndOfStreamException()));
    }

    sealed record Case(ErrorKind Kind, Func<ErrorKindTests, object?> Act);

    static readonly Dictionary<string, Case> Cases = new()
    {
        ["model: missing"] = new(ErrorKind.Request, t => ModelFile.Open(t["no.efw"])),
        ["model: its folder is missing"] = new(ErrorKind.Request, t => ModelFile.Open(t["no/no.efw"])),
        ["model: no model"] = new(ErrorKind.Input, t => ModelFile.Open(t.File("text", "some text"))),
        ["model: empty"] = new(ErrorKind.Input, t => ModelFile.Open(t.File("empty", ""))),
        ["model: a folder"] = new(ErrorKind.Input, t => ModelFile.Open(t["."])),
        ["model: of a newer version"] = new(ErrorKind.Input, t => ModelFile.Open(t.NewerModel())),
        ["model: a card that is none"] = new(ErrorKind.Input, _ => ModelCard.FromJson("{}"u8.ToArray(), "card.json")),
        ["model: no network of ours"] = new(ErrorKind.Input, _ => Use(DefaultModels.OpenDetector(), d => new FaceEmbedder(d))),
        ["embedding: zeros"] = new(ErrorKind.Input, _ => new Embedding(new float[KnownPeople.Dimension], KnownPeople.Contract)),
        ["embedding: not finite"] = new(ErrorKind.Input,
            _ => new Embedding([.. Enumerable.Repeat(float.NaN, KnownPeople.Dimension)], KnownPeople.Contract)),
        ["embeddings of two contracts"] = new(ErrorKind.Request,
            _ => KnownPeople.Photo(1, 1).Score(KnownPeople.Photo(1, 1, KnownPeople.OtherContract))),
        ["picture: missing"] = new(ErrorKind.Request, t => ImageCodec.Load(t["no.jpg"])),
        ["picture: no picture"] = new(ErrorKind.Input, t => ImageCodec.Load(t.File("text", "some text"))),
        ["picture: too large"] = new(ErrorKind.Input, _ => ImageCodec.Decode(PngBytes.Of(60_000, 60_000, PngBytes.Grey, []))),
        ["picture: no face"] = new(ErrorKind.NoAnswer, _ => FaceChoice.Largest.Of([], "a")),
        ["data: a list that is missing"] = new(ErrorKind.Request, t => PairsList.Read(t["pairs.txt"], t["."])),
        ["data: images that are missing"] = new(ErrorKind.Request, t => PairsList.Read(t.File("pairs.csv", "same,a,b\n1,a,b\n"), t["no"])),
        ["data: a folder of people that is missing"] = new(ErrorKind.Request, t => IdentityFolder.Read(t["no"])),
        ["data: an empty folder"] = new(ErrorKind.Input, t => IdentityFolder.Read(t["."])),
        ["data: a list of nothing"] = new(ErrorKind.Input, t => PairsList.Read(t.File("pairs.csv", "same,a,b\n"), t["."])),
        ["data: .bin missing"] = new(ErrorKind.Request, t => BinFile.Read(t["no.bin"])),
        ["data: .bin of something else"] = new(ErrorKind.Input, t => BinFile.Read(t.File("a.bin", "some text"))),
        ["figures: a rate that is none"] = new(ErrorKind.Request, _ => Metrics.AtFmr(ScoreSet.FromPairs([0.1f, 0.9f], [false, true]), [2])),
        ["figures: a score that is none"] = new(ErrorKind.Input, _ => ScoreSet.FromPairs([float.NaN, 0.9f], [false, true])),
        ["calibration: missing"] = new(ErrorKind.Request, t => Calibration.Load(t["no.json"])),
        ["calibration: none"] = new(ErrorKind.Input, t => Calibration.Load(t.File("a.json", "{}"))),
        ["calibration: a folder"] = new(ErrorKind.Input, t => Calibration.Load(t["."])),
        ["calibration: of another model"] = new(ErrorKind.Request, _ => CalibrationTests.Make().ThresholdFor(KnownPeople.OtherContract, 1e-2)),
        ["calibration: another rate"] = new(ErrorKind.Request,
            _ => CalibrationTests.Make() is var c ? c.ThresholdFor(c.Embeddings[0].Contract, 0.123) : 0),
        ["gallery: missing"] = new(ErrorKind.Request, t => SqliteGallery.Open(t["no.db"], null, new())),
        ["gallery: there already"] = new(ErrorKind.Request, t => t.Twice()),
        ["gallery: its folder is missing"] = new(ErrorKind.Request, t => t.Create("no/a.db")),
        ["gallery: of another contract"] = new(ErrorKind.Request, t => t.Opened(_ => { }, KnownPeople.OtherContract)),
        ["gallery: no SQLite file"] = new(ErrorKind.Input, t => SqliteGallery.Open(t.File("a.db", new string('a', 5000)), null, new())),
        ["gallery: of another program"] = new(ErrorKind.Input, t => t.Opened(c => Execute(c, "PRAGMA application_id = 7"))),
        ["gallery: of a newer version"] = new(ErrorKind.Input, t => t.Opened(c => Execute(c, "PRAGMA user_version = 1000"))),
        ["gallery: no key"] = new(ErrorKind.Request, t => t.Encrypted(null)),
        ["gallery: another key"] = new(ErrorKind.Request, t => t.Encrypted(GalleryKey.Generate())),
        ["gallery: no such person"] = new(ErrorKind.Request, t => Use(t.Create("a.db"), g => g.Enrol(7, new NewSample(KnownPeople.Photo(1, 1))))),
        ["gallery: a name that is none"] = new(ErrorKind.Request, t => Use(t.Create("a.db"), g => g.AddPerson(new NewPerson(" ")))),
        ["gallery: a server that does not answer"] = new(ErrorKind.Machine,
            _ => PostgresGallery.Open("Host=127.0.0.1;Port=1;Database=a;Username=a;Timeout=3", null, new())),
        ["gallery: a connection without a host"] = new(ErrorKind.Request, _ => PostgresGallery.Open("Database=a", null, new())),
        ["key: missing"] = new(ErrorKind.Request, t => GalleryKey.FromFile(t["no.key"])),
        ["key: none"] = new(ErrorKind.Request, t => GalleryKey.FromFile(t.File("a.key", "some text"))),
        ["key: a folder"] = new(ErrorKind.Request, t => GalleryKey.FromFile(t["."])),
        ["export: missing"] = new(ErrorKind.Request, t => Use(t.Create("a.db"), g => GalleryImport.Read(g, t["no"]))),
        ["gallery: locked by another process"] = new(ErrorKind.Machine, t => t.Locked()),
        ["export: damaged"] = new(ErrorKind.Input, t => t.Import(e => System.IO.File.WriteAllText(e.Header, "{"))),
        ["export: of a newer version"] = new(ErrorKind.Input, t => t.Import(NewerExport)),
        ["export: incomplete"] = new(ErrorKind.Input, t => t.Import(e => System.IO.File.WriteAllText(e.People, ""))),
    };

    public static TheoryData<string> CaseNames => [.. Cases.Keys];

    [Theory, MemberData(nameof(CaseNames))]
    public void Kind_is_that_of_who_can_do_something_about_it(string name)
    {
        var thrown = Record.Exception(() => (Cases[name].Act(this) as IDisposable)?.Dispose());
        var known = Assert.IsType<EdgeFaceException>(thrown, exactMatch: false);
        Assert.Equal((name, Cases[name].Kind), (name, known.Kind));
        Assert.Equal(Cases[name].Kind, EdgeFaceException.KindOf(thrown));
    }

    string this[string name] => _folder[name];

    string File(string name, string text)
    {
        System.IO.File.WriteAllText(_folder[name], text);
        return _folder[name];
    }

    static object? Use<T>(T opened, Func<T, object?> use) where T : IDisposable
    {
        using (opened) return use(opened);
    }

    string NewerModel()
    {
        FormulaWeights.Write(EdgeFaceVariants.Xxs, _folder["a.efw"]);
        var bytes = System.IO.File.ReadAllBytes(_folder["a.efw"]);
        bytes[8] = 200;
        System.IO.File.WriteAllBytes(_folder["a.efw"], EfwBytes.FixHeader(bytes));
        return _folder["a.efw"];
    }

    SqliteGallery Create(string name, SqliteGalleryOptions? options = null)
        => SqliteGallery.Create(_folder[name], KnownPeople.Contract, KnownPeople.Space, options ?? new());

    SqliteGallery Twice()
    {
        Create("a.db").Dispose();
        return Create("a.db");
    }

    SqliteGallery Opened(Action<SqliteConnection> change, EmbeddingContract? contract = null)
    {
        Create("a.db").Dispose();
        using (var connection = new SqliteConnection($"Data Source={_folder["a.db"]};Pooling=False"))
        {
            connection.Open();
            change(connection);
        }
        return SqliteGallery.Open(_folder["a.db"], contract, new());
    }

    static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    SqliteGallery Encrypted(GalleryKey? key)
    {
        Create("a.db", new() { Key = GalleryKey.Generate() }).Dispose();
        return SqliteGallery.Open(_folder["a.db"], null, new() { Key = key });
    }

    Person Locked()
    {
        using var gallery = Create("a.db", new() { BusyTimeout = TimeSpan.FromMilliseconds(50) });
        using var other = new SqliteConnection($"Data Source={_folder["a.db"]};Pooling=False");
        other.Open();
        Execute(other, "BEGIN IMMEDIATE");
        return gallery.AddPerson(new NewPerson("Ann"));
    }

    static void NewerExport((string Header, string People) export)
    {
        var header = System.IO.File.ReadAllText(export.Header);
        var newer = Regex.Replace(header, "\"version\":\\s*1\\b", "\"version\": 1000");
        Assert.NotEqual(header, newer);
        System.IO.File.WriteAllText(export.Header, newer);
    }

    ImportReport Import(Action<(string Header, string People)> spoil)
    {
        using (var from = Create("from.db"))
        {
            from.Enrol(new NewPerson("Ann"), [new NewSample(KnownPeople.Photo(1, 1))]);
            GalleryExport.Write(from, _folder["export"]);
        }
        spoil((Path.Combine(_folder["export"], GalleryExport.HeaderFile), Path.Combine(_folder["export"], GalleryExport.PeopleFile)));
        using var to = Create("to.db");
        return GalleryImport.Read(to, _folder["export"]);
    }
}
