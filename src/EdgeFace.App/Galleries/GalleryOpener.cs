using System.CommandLine;
using EdgeFace.App.Commands;
using EdgeFace.Gallery;
using EdgeFace.Gallery.Postgres;

namespace EdgeFace.App.Galleries;

/// <summary>The options that say which gallery is meant, and the one place that turns them into a gallery.</summary>
sealed class GalleryOpener
{
    public Option<string> Gallery { get; } = new("--gallery")
    {
        Description = "The gallery: a file, or PostgreSQL as 'Host=...;Database=...;Username=...' or postgres://user@host/database.",
        HelpName = "GALLERY", Required = true,
    };

    public Option<string?> KeyFile { get; } = new("--key-file")
    {
        Description = "The key of an encrypted gallery, or to encrypt a new one: a file from 'edgeface gallery new-key'. "
            + $"Else the variable {GalleryKey.Variable} is read.",
        HelpName = "FILE",
    };

    public void AddTo(Command command)
    {
        command.Add(Gallery);
        command.Add(KeyFile);
    }

    /// <summary>Whether the gallery is there already.</summary>
    public bool Exists(ParseResult parsed)
        => IsPostgres(parsed)
            ? PostgresGallery.Exists(parsed.GetRequiredValue(Gallery), PostgresOptions(parsed))
            : File.Exists(parsed.GetRequiredValue(Gallery));

    /// <summary>The gallery as messages may name it: a connection can hold a password.</summary>
    public string Name(ParseResult parsed) => IsPostgres(parsed) ? "the gallery in PostgreSQL" : parsed.GetRequiredValue(Gallery);

    /// <summary>The gallery's file, for what only files can do.</summary>
    public string RequireFile(ParseResult parsed)
        => IsPostgres(parsed)
            ? throw new UsageException(
                "this works on a gallery in a file; export the one in PostgreSQL and import it into a file or a new schema.")
            : parsed.GetRequiredValue(Gallery);

    /// <summary>Refuses a gallery in a file, for what only PostgreSQL can do.</summary>
    public void RequirePostgres(ParseResult parsed, string what)
    {
        if (!IsPostgres(parsed))
            throw new UsageException($"{what} needs a gallery in PostgreSQL (--gallery 'Host=...;Database=...;Username=...'); "
                + "into a gallery in a file one process enrols at a time, without a queue.");
    }

    /// <summary>Opens an existing gallery.</summary>
    public IGallery Open(ParseResult parsed, EmbeddingContract? contract = null)
        => IsPostgres(parsed)
            ? PostgresGallery.Open(parsed.GetRequiredValue(Gallery), contract, PostgresOptions(parsed))
            : SqliteGallery.Open(parsed.GetRequiredValue(Gallery), contract, Options(parsed));

    /// <summary>Opens an existing gallery for a command that only reads: also where it cannot be written.</summary>
    public IGallery OpenToRead(ParseResult parsed)
    {
        if (IsPostgres(parsed)) return Open(parsed);
        return SqliteGallery.Open(parsed.GetRequiredValue(Gallery), null, Options(parsed) with { Access = GalleryAccess.ReadWriteIfPossible });
    }

    /// <summary>Opens a gallery for the embeddings of a pipeline, or creates it.</summary>
    /// <param name="model">The recogniser of the pipeline, as the user gave it: its head says which space its embeddings lie in.</param>
    /// <param name="mostSamples">Of a new gallery, or null for its default.</param>
    /// <returns>The gallery, and whether this call created it: not if another process was first.</returns>
    public (IGallery Gallery, bool Created) OpenOrCreate(ParseResult parsed, Pipeline pipeline, string? model, int? mostSamples)
    {
        if (Exists(parsed))
        {
            var gallery = Open(parsed, pipeline.Contract);
            if (mostSamples is not { } most || most == gallery.Info.MostSamplesPerPerson) return (gallery, false);
            using (gallery)
                throw new UsageException("--max-samples is a matter of a new gallery; "
                    + $"this one allows {gallery.Info.MostSamplesPerPerson} samples a person.");
        }
        if (IsPostgres(parsed))
        {
            var there = PostgresOptions(parsed);
            if (mostSamples is { } allowed) there = there with { MostSamplesPerPerson = allowed };
            return (PostgresGallery.OpenOrCreate(parsed.GetRequiredValue(Gallery), pipeline.Contract, SpaceOf(model), there, out var made), made);
        }
        var options = Options(parsed);
        if (mostSamples is { } limit) options = options with { MostSamplesPerPerson = limit };
        return (SqliteGallery.OpenOrCreate(parsed.GetRequiredValue(Gallery), pipeline.Contract, SpaceOf(model), options, out var created), created);
    }

    public static EmbeddingSpace SpaceOf(string? model)
    {
        using var file = ModelCatalogue.Open(model);
        return EmbeddingSpace.Of(file);
    }

    /// <summary>The options for opening a file, with its key.</summary>
    public SqliteGalleryOptions Options(ParseResult parsed) => new() { Key = Key(parsed) };

    GalleryKey? Key(ParseResult parsed) => parsed.GetValue(KeyFile) is { } file ? GalleryKey.FromFile(file) : GalleryKey.FromEnvironment();

    PostgresGalleryOptions PostgresOptions(ParseResult parsed) => new() { Key = Key(parsed) };

    bool IsPostgres(ParseResult parsed) => PostgresGallery.IsConnection(parsed.GetRequiredValue(Gallery));
}

static class GalleryContract
{
    /// <summary>Whether the samples of a gallery were made with the mirror image: its probes have to be too.</summary>
    public static bool HasMirrorSum(this IGallery gallery) => gallery.Contract.ParsePreprocessing().MirrorSum;
}
