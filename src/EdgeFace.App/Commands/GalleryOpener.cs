using System.CommandLine;
using EdgeFace.Gallery;
using EdgeFace.Gallery.Postgres;

namespace EdgeFace.App.Commands;

/// <summary>The options that say which gallery is meant, and what they mean.</summary>
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
    public bool Exists(ParseResult parsed) => Address(parsed).ExistsAsync().GetAwaiter().GetResult();

    /// <summary>The gallery as messages may name it: a connection can hold a password.</summary>
    public string Name(ParseResult parsed) => new GalleryAddress(parsed.GetRequiredValue(Gallery), null, PostgresStore.Instance).Name;

    /// <summary>The gallery as advice writes it behind --gallery: a connection, which can hold a password, is left to the reader.</summary>
    public string Argument(ParseResult parsed)
    {
        var address = parsed.GetRequiredValue(Gallery);
        if (IsPostgres(parsed)) return Gallery.HelpName!;
        return address.All(c => char.IsLetterOrDigit(c) || "/\\._-:~".Contains(c)) ? address : $"\"{address}\"";
    }

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
        => Address(parsed).OpenAsync(contract).GetAwaiter().GetResult();

    /// <summary>Opens an existing gallery for a command that only reads: also where it cannot be written.</summary>
    public IGallery OpenToRead(ParseResult parsed)
        => Address(parsed).OpenAsync(access: GalleryAccess.ReadWriteIfPossible).GetAwaiter().GetResult();

    /// <summary>Opens the models for probes of a gallery.</summary>
    /// <exception cref="GalleryContractException">The gallery was made with others.</exception>
    public FacePipeline OpenPipelineFor(IGallery gallery, ParseResult parsed, PipelineInput models)
    {
        var pipeline = FacePipeline.Open(models.Of(parsed, gallery.HasMirrorSum()));
        if (gallery.Contract == pipeline.Contract) return pipeline;
        using (pipeline) throw new GalleryContractException(Name(parsed), gallery.Contract, pipeline.Contract);
    }

    /// <summary>Opens a gallery for the embeddings of a pipeline, or creates it.</summary>
    /// <param name="mostSamples">Of a new gallery, or null for its default.</param>
    /// <returns>The gallery, and whether this call created it: not if another process was first.</returns>
    public OpenedGallery OpenOrCreate(ParseResult parsed, FacePipeline pipeline, int? mostSamples)
    {
        var address = Address(parsed);
        var opened = (mostSamples is { } most ? address.OpenOrCreateAsync(pipeline, most) : address.OpenOrCreateAsync(pipeline))
            .GetAwaiter().GetResult();
        if (opened.IsNew || mostSamples is not { } limit || limit == opened.Gallery.Info.MostSamplesPerPerson) return opened;
        using (opened)
            throw new UsageException("--max-samples is a matter of a new gallery; "
                + $"this one allows {opened.Gallery.Info.MostSamplesPerPerson} samples a person.");
    }

    /// <summary>The options for opening a file, with its key.</summary>
    public SqliteGalleryOptions Options(ParseResult parsed) => new() { Key = Key(parsed) };

    /// <summary>Where the gallery lies, with its key.</summary>
    public GalleryAddress Address(ParseResult parsed) => new(parsed.GetRequiredValue(Gallery), Key(parsed), PostgresStore.Instance);

    GalleryKey? Key(ParseResult parsed) => parsed.GetValue(KeyFile) is { } file ? GalleryKey.FromFile(file) : GalleryKey.FromEnvironment();

    bool IsPostgres(ParseResult parsed) => PostgresStore.Instance.Holds(parsed.GetRequiredValue(Gallery));
}
