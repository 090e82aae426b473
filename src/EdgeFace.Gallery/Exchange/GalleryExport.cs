using System.Globalization;
using System.Text.Json;
using EdgeFace.Weights;

namespace EdgeFace.Gallery;

/// <summary>What an export or import did.</summary>
/// <param name="Persons">People written or added.</param>
/// <param name="Samples">Samples written or added.</param>
/// <param name="Crops">Crops written or added.</param>
public sealed record ExchangeCounts(long Persons, long Samples, long Crops);

/// <summary>
/// A gallery as a folder that any program can read: <c>gallery.json</c> (contract and counts), <c>people.jsonl</c> (a person with their samples on each line), <c>embeddings-N.safetensors</c>
/// (32-bit floats, as long as the contract says) and <c>crops/</c>. It is not encrypted.
/// </summary>
public static class GalleryExport
{
    internal const string HeaderFile = "gallery.json", PeopleFile = "people.jsonl", CropFolder = "crops", TensorName = "embeddings";
    internal const int RowsPerFile = 32768;

    /// <summary>Writes a gallery. The folder appears whole or not at all.</summary>
    /// <param name="gallery">May be changed meanwhile: each person is as they were at one moment.</param>
    /// <param name="folder">Does not exist yet.</param>
    /// <param name="progress">Is told how many people are written.</param>
    /// <param name="cancellation">Stops; nothing is left behind.</param>
    /// <exception cref="GalleryException">The folder exists or cannot be written.</exception>
    public static ExchangeCounts Write(IGallery gallery, string folder, IProgress<long>? progress = null, CancellationToken cancellation = default)
        => Write(gallery, folder, RowsPerFile, progress, cancellation);

    internal static ExchangeCounts Write(IGallery gallery, string folder, int rowsPerFile, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(gallery);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (Path.Exists(full)) throw new GalleryException($"{folder} exists already; export to a new folder");
        var partial = Path.Combine(Path.GetDirectoryName(full)!, $".{Path.GetFileName(full)}.{Guid.NewGuid():N}.partial");
        try
        {
            Directory.CreateDirectory(Path.Combine(partial, CropFolder));
            var counts = WriteContent(gallery, partial, rowsPerFile, progress, cancellation);
            Directory.Move(partial, full);
            return counts;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GalleryException($"{folder}: the export cannot be written: {e.Message.Replace(partial, full, StringComparison.Ordinal)}", e);
        }
        finally
        {
            if (Directory.Exists(partial)) Directory.Delete(partial, recursive: true);
        }
    }

    internal static string EmbeddingFile(long index) => string.Create(CultureInfo.InvariantCulture, $"embeddings-{index}.safetensors");

    internal static string CropFile(long sampleId) => Path.Combine(CropFolder, string.Create(CultureInfo.InvariantCulture, $"{sampleId}.png"));

    static ExchangeCounts WriteContent(IGallery gallery, string folder, int rowsPerFile, IProgress<long>? progress, CancellationToken cancellation)
    {
        long persons = 0, samples = 0, crops = 0;
        var rows = new List<float>();
        using (var people = new FileStream(Path.Combine(folder, PeopleFile), FileMode.CreateNew))
        {
            for (var page = gallery.Persons(); page.Count > 0; page = gallery.Persons(page[^1].Id))
                foreach (var person in page)
                {
                    cancellation.ThrowIfCancellationRequested();
                    var exported = new List<ExportedSample>();
                    foreach (var sample in gallery.Samples(person.Id))
                    {
                        // A sample deleted meanwhile is left out.
                        if (gallery.EmbeddingOf(sample.Id) is not { } embedding) continue;
                        var crop = sample.HasCrop ? gallery.Crop(sample.Id) : null;
                        if (crop is not null) File.WriteAllBytes(Path.Combine(folder, CropFile(sample.Id)), crop);
                        if (crop is not null) crops++;
                        exported.Add(new(sample.Id, samples++, sample.Created, sample.Source, sample.SourceSha256, sample.Quality, crop is not null));
                        rows.AddRange(embedding.Vector);
                        if (samples % rowsPerFile == 0) WriteRows();
                    }
                    JsonSerializer.Serialize(people, new(person.Id, person.Name, person.ExternalKey, person.Metadata, person.Created, exported), ExportJson.Default.ExportedPerson);
                    people.WriteByte((byte)'\n');
                    persons++;
                    progress?.Report(persons);
                }
        }
        if (rows.Count > 0) WriteRows();
        var header = new ExportHeader(ExportHeader.FormatName, ExportHeader.LastVersion, DateTimeOffset.UtcNow, gallery.Contract, persons, samples, crops, rowsPerFile);
        File.WriteAllBytes(Path.Combine(folder, HeaderFile), JsonSerializer.SerializeToUtf8Bytes(header, ExportJson.Default.ExportHeader));
        return new(persons, samples, crops);

        void WriteRows()
        {
            var dimension = gallery.Contract.Dimension;
            var tensor = new Tensor(TensorName, [rows.Count / dimension, dimension], rows.ToArray());
            SafeTensors.Write(Path.Combine(folder, EmbeddingFile((samples - 1) / rowsPerFile)), [tensor], new Dictionary<string, string> { ["format"] = ExportHeader.FormatName });
            rows.Clear();
        }
    }
}
