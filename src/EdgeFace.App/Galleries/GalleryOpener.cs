using System.CommandLine;
using EdgeFace.App.Catalogue;
using EdgeFace.App.Commands;
using EdgeFace.Gallery;

namespace EdgeFace.App.Galleries;

/// <summary>The options that say which gallery is meant, and the one place that turns them into a gallery.</summary>
sealed class GalleryOpener
{
    public Option<string> Gallery { get; } = new("--gallery") { Description = "The gallery: a file.", HelpName = "FILE", Required = true };

    public Option<string?> KeyFile { get; } = new("--key-file")
    {
        Description = $"The key of an encrypted gallery, or to encrypt a new one: a file from 'edgeface gallery new-key'. Else the variable {GalleryKey.Variable} is read.",
        HelpName = "FILE",
    };

    public void AddTo(Command command)
    {
        command.Add(Gallery);
        command.Add(KeyFile);
    }

    /// <summary>Whether the gallery is there already.</summary>
    public bool Exists(ParseResult parsed) => File.Exists(parsed.GetRequiredValue(Gallery));

    /// <summary>Opens an existing gallery.</summary>
    public IGallery Open(ParseResult parsed, EmbeddingContract? contract = null) => SqliteGallery.Open(parsed.GetRequiredValue(Gallery), contract, Options(parsed));

    /// <summary>Opens a gallery for the embeddings of a pipeline, or creates it.</summary>
    /// <param name="model">The recogniser of the pipeline, as the user gave it: its head says which space its embeddings lie in.</param>
    /// <param name="mostSamples">Of a new gallery, or null for its default.</param>
    public IGallery OpenOrCreate(ParseResult parsed, Pipeline pipeline, string? model, int? mostSamples)
    {
        if (Exists(parsed))
        {
            var gallery = Open(parsed, pipeline.Contract);
            if (mostSamples is not { } most || most == gallery.Info.MostSamplesPerPerson) return gallery;
            using (gallery)
                throw new UsageException($"--max-samples is a matter of a new gallery; this one allows {gallery.Info.MostSamplesPerPerson} samples a person.");
        }
        var options = Options(parsed);
        if (mostSamples is { } limit) options = options with { MostSamplesPerPerson = limit };
        return SqliteGallery.OpenOrCreate(parsed.GetRequiredValue(Gallery), pipeline.Contract, SpaceOf(model), options);
    }

    public static EmbeddingSpace SpaceOf(string? model)
    {
        using var file = ModelCatalogue.Open(model);
        return EmbeddingSpace.Of(file);
    }

    /// <summary>The options for opening a file, with its key.</summary>
    public SqliteGalleryOptions Options(ParseResult parsed)
        => new() { Key = parsed.GetValue(KeyFile) is { } file ? GalleryKey.FromFile(file) : GalleryKey.FromEnvironment() };
}

static class GalleryContract
{
    /// <summary>Whether the samples of a gallery were made with the mirror image: its probes have to be too.</summary>
    public static bool HasMirrorSum(this IGallery gallery) => gallery.Contract.Preprocessing.EndsWith("+mirror-sum", StringComparison.Ordinal);
}
