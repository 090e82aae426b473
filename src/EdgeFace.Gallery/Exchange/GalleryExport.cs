using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using EdgeFace.Files;
using EdgeFace.Weights;

namespace EdgeFace.Gallery;

/// <summary>What an export or import did.</summary>
/// <param name="Persons">People written or added.</param>
/// <param name="Samples">Samples written or added.</param>
/// <param name="Crops">Crops written or added.</param>
public sealed record ExchangeCounts(long Persons, long Samples, long Crops);

/// <summary>
/// A gallery as a folder that any program can read: <c>gallery.json</c> (contract and counts), <c>people.jsonl</c> (a person with their samples
/// on each line), <c>embeddings-N.safetensors</c> (32-bit floats, as long as the contract says) and <c>crops/</c>. It is not encrypted, and for
/// its owner alone as far as the system knows owners.
/// </summary>
public static partial class GalleryExport
{
    internal const string HeaderFile = "gallery.json", PeopleFile = "people.jsonl", CropFolder = "crops", TensorName = "embeddings";
    internal const int RowsPerFile = 32768;

    /// <summary>
    /// Writes a gallery. The folder appears whole or not at all; what an export leaves that was killed, <see cref="RemoveInterrupted"/> removes.
    /// </summary>
    /// <param name="gallery">May be changed meanwhile: each person is as they were at one moment.</param>
    /// <param name="folder">Does not exist yet.</param>
    /// <param name="progress">Is told how many people are written.</param>
    /// <param name="cancellation">Stops; nothing is left behind.</param>
    /// <exception cref="GalleryException">The folder exists or cannot be written.</exception>
    public static ExchangeCounts Write(IGallery gallery, string folder, IProgress<long>? progress = null, CancellationToken cancellation = default)
        => Write(gallery, folder, RowsPerFile, progress, cancellation);

    internal static ExchangeCounts Write(
        IGallery gallery, string folder, int rowsPerFile, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(gallery);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (Path.Exists(full)) throw new GalleryException($"{folder} exists already; export to a new folder");
        var partial = Path.Combine(Path.GetDirectoryName(full)!, $".{Path.GetFileName(full)}.{Guid.NewGuid():N}.partial");
        try
        {
            AtomicFile.CreatePrivateFolder(partial);
            // Nobody else can open the header while the export is in progress: from before there is a folder that may have
            // been left, until it is moved.
            using var header = New(Path.Combine(partial, HeaderFile));
            AtomicFile.CreatePrivateFolder(Path.Combine(partial, CropFolder));
            var counts = WriteContent(gallery, partial, header, rowsPerFile, progress, cancellation);
            header.Flush();
            // Windows moves no folder with an open file.
            if (OperatingSystem.IsWindows()) header.Dispose();
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

    /// <summary>
    /// Removes what exports have left that were killed: folders beside the place of an export, with faces and names in clear. Exports
    /// in progress are left alone.
    /// </summary>
    /// <param name="folder">Where an export is to be written, or was.</param>
    /// <returns>The folders that were removed.</returns>
    /// <exception cref="GalleryException">One cannot be removed.</exception>
    public static IReadOnlyList<string> RemoveInterrupted(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var beside = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        if (!Directory.Exists(beside)) return [];
        try
        {
            string[] left = [.. Directory.EnumerateDirectories(beside, ".*.partial").Where(IsInterrupted).Order(StringComparer.Ordinal)];
            return [.. left.Where(IsRemoved)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GalleryException(
                $"{beside}: an interrupted export has left a folder with faces and names in it, which cannot be removed: {e.Message}", e);
        }
    }

    static bool IsRemoved(string partial)
    {
        try
        {
            Directory.Delete(partial, recursive: true);
            return true;
        }
        catch (DirectoryNotFoundException)
        {
            // Another process was first.
            return false;
        }
    }

    static bool IsInterrupted(string partial)
    {
        if (!PartialName().IsMatch(Path.GetFileName(partial)) || !Directory.Exists(Path.Combine(partial, CropFolder))) return false;
        try
        {
            using var header = new FileStream(Path.Combine(partial, HeaderFile), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (FileNotFoundException)
        {
            // As earlier versions left it, which wrote the header last.
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    [GeneratedRegex(@"^\..+\.[0-9a-f]{32}\.partial$")]
    private static partial Regex PartialName();

    static FileStream New(string path)
    {
        var how = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows()) how.UnixCreateMode = AtomicFile.Private;
        return new(path, how);
    }

    internal static string EmbeddingFile(long index) => string.Create(CultureInfo.InvariantCulture, $"embeddings-{index}.safetensors");

    internal static string CropFile(long sampleId) => Path.Combine(CropFolder, string.Create(CultureInfo.InvariantCulture, $"{sampleId}.png"));

    static ExchangeCounts WriteContent(
        IGallery gallery, string folder, FileStream headerFile, int rowsPerFile, IProgress<long>? progress, CancellationToken cancellation)
    {
        long persons = 0, samples = 0, crops = 0;
        var rows = new List<float>();
        using (var people = New(Path.Combine(folder, PeopleFile)))
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
                        if (crop is not null)
                        {
                            using var picture = New(Path.Combine(folder, CropFile(sample.Id)));
                            picture.Write(crop);
                            crops++;
                        }
                        exported.Add(new(sample.Id, samples++, sample.Created, sample.Source, sample.SourceSha256, sample.Quality,
                            crop is not null));
                        rows.AddRange(embedding.Vector);
                        if (samples % rowsPerFile == 0) WriteRows();
                    }
                    JsonSerializer.Serialize(people, new(person.Id, person.Name, person.ExternalKey, person.Metadata, person.Created, exported),
                        ExportJson.Default.ExportedPerson);
                    people.WriteByte((byte)'\n');
                    persons++;
                    progress?.Report(persons);
                }
        }
        if (rows.Count > 0) WriteRows();
        var header = new ExportHeader(ExportHeader.FormatName, ExportHeader.LastVersion, DateTimeOffset.UtcNow, gallery.Contract,
            persons, samples, crops, rowsPerFile);
        JsonSerializer.Serialize(headerFile, header, ExportJson.Default.ExportHeader);
        return new(persons, samples, crops);

        void WriteRows()
        {
            var dimension = gallery.Contract.Dimension;
            var tensor = new Tensor(TensorName, [rows.Count / dimension, dimension], rows.ToArray());
            SafeTensors.Write(Path.Combine(folder, EmbeddingFile((samples - 1) / rowsPerFile)), [tensor],
                new Dictionary<string, string> { ["format"] = ExportHeader.FormatName }, AtomicFile.Private);
            rows.Clear();
        }
    }
}
