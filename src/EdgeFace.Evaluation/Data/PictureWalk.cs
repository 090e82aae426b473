using EdgeFace.Files;
using EdgeFace.Weights;

namespace EdgeFace.Evaluation.Data;

/// <summary>
/// The one way through folders of pictures. Regular files are taken, each file and folder once, whatever names lead to it; links to folders are
/// followed only if asked. Hidden and system entries are passed over in silence; whatever else looks like a picture or may hold some is told of.
/// </summary>
sealed class PictureWalk(DataSetOptions options)
{
    static readonly EnumerationOptions Everything = new() { AttributesToSkip = 0, IgnoreInaccessible = false };

    static readonly string[] OfSystems =
    [
        "@eaDir", "#recycle", "#snapshot", "$RECYCLE.BIN", "System Volume Information", "lost+found", "__MACOSX", "Thumbs.db", "desktop.ini",
    ];

    static readonly string[] NotRead = [".heic", ".heif", ".hif", ".avif", ".tif", ".tiff", ".jxl", ".jp2", ".dng", ".cr2", ".cr3", ".nef", ".arw"];

    readonly Dictionary<(long, long), string> _known = [];
    readonly List<PassedOver> _passedOver = [];

    public IReadOnlyList<PassedOver> PassedOver => _passedOver;

    /// <summary>A file or folder that is taken without being found, so that it is not found as well.</summary>
    public void Know(string path)
    {
        if (FileStatus.Of(path).Identity is { } identity) _known.TryAdd(identity, path);
    }

    /// <summary>Every picture in a folder and the folders in it; none where it was read before.</summary>
    public IReadOnlyList<string> Deep(string folder)
    {
        List<string> pictures = [];
        if (IsFirst(folder, FileStatus.Of(folder).Identity)) Add(folder);
        return pictures;

        void Add(string place)
        {
            var level = Level(place);
            pictures.AddRange(level.Pictures);
            foreach (var below in level.Folders) Add(below);
        }
    }

    /// <summary>What one folder holds.</summary>
    /// <param name="take">Otherwise its pictures may be found once more elsewhere.</param>
    public FolderLevel Level(string folder, bool take = true)
    {
        Know(folder);
        List<string> pictures = [], folders = [], others = [];
        foreach (var path in Entries(folder))
        {
            var name = Path.GetFileName(path);
            if (name.StartsWith('.') || OfSystems.Contains(name, StringComparer.OrdinalIgnoreCase)) continue;
            var status = FileStatus.Of(path);
            var (kind, identity) = (status.Kind, status.Identity);
            switch (kind)
            {
                case FileKind.Folder when IsLink(path) && !(options.FollowLinks && identity is not null):
                    Pass(path, "a link to a folder; those are followed only if asked");
                    break;
                case FileKind.Folder:
                    AddOnce(folders);
                    break;
                case FileKind.Regular when EndsIn(path, options.Extensions) && take:
                    AddOnce(pictures);
                    break;
                case FileKind.Regular when EndsIn(path, options.Extensions):
                    pictures.Add(path);
                    break;
                case FileKind.Regular when EndsIn(path, NotRead):
                    Pass(path, $"{Path.GetExtension(path)[1..].ToUpperInvariant()} pictures are not read; convert it to JPEG or PNG");
                    break;
                case FileKind.Regular:
                    others.Add(path);
                    break;
                case FileKind.Special:
                    Pass(path, "a pipe, socket or device");
                    break;
                case FileKind.Missing when name.Contains('\uFFFD', StringComparison.Ordinal):
                    Pass(path, "its name is not UTF-8 text: rename it", isFault: true);
                    break;
                case FileKind.Missing when !IsLink(path):
                    Pass(path, "it cannot be read", isFault: true);
                    break;
                default:
                    Pass(path, "a link to nothing");
                    break;
            }

            void AddOnce(List<string> taken)
            {
                if (IsFirst(path, identity)) taken.Add(path);
            }
        }
        return new(pictures, folders, others);
    }

    bool IsFirst(string path, (long, long)? identity)
    {
        if (identity is not { } given || _known.TryAdd(given, path)) return true;
        Pass(path, _known[given] == path ? "it is taken already" : $"the same as {_known[given]}");
        return false;
    }

    string[] Entries(string folder)
    {
        try
        {
            return [.. Directory.EnumerateFileSystemEntries(folder, "*", Everything).Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (DataFile.IsOfFileSystem(e))
        {
            Pass(folder, $"it cannot be read: {e.Message}", isFault: true);
            return [];
        }
    }

    void Pass(string path, string why, bool isFault = false) => _passedOver.Add(new(path, why, isFault));

    static bool EndsIn(string path, IReadOnlyList<string> endings) => endings.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    static bool IsLink(string path) => new FileInfo(path).LinkTarget is not null;
}
