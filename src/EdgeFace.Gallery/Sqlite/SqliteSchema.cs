namespace EdgeFace.Gallery;

/// <summary>The tables of a gallery file and how older ones become the present ones.</summary>
static class SqliteSchema
{
    /// <summary>What SQLite's header says the file is: "EFGA".</summary>
    public const int ApplicationId = 0x45464741;

    /// <summary>Makes the next version of one, inside a transaction.</summary>
    /// <param name="database">The gallery; without tables before the first step.</param>
    /// <param name="dataKey">What its values are encrypted with, or null.</param>
    public delegate void Step(SqliteDatabase database, byte[]? dataKey);

    /// <summary>Step i makes version i + 1 of version i. A step that was released is never changed.</summary>
    public static IReadOnlyList<Step> Steps { get; } =
    [
        (database, _) => database.Script(Tables),
        SqliteRebinding.Run,
        SqliteNames.Run,
        (database, _) => database.Script(Merges),
    ];

    /// <summary>From this version on people can be merged.</summary>
    public const int MergesSince = 4;

    const string Tables =
        // Columns of the type ANY hold texts, or encrypted bytes. Times are milliseconds since 1970, UTC. The stamp changes with every change of
        // samples. What was deleted may be left in free space as long as cleared is less than deletions.
        """
        CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE state (id INTEGER PRIMARY KEY CHECK (id = 1), stamp BLOB NOT NULL, persons INTEGER NOT NULL, samples INTEGER NOT NULL, crops INTEGER NOT NULL,
            deletions INTEGER NOT NULL, cleared INTEGER NOT NULL) STRICT;
        INSERT INTO state VALUES (1, randomblob(16), 0, 0, 0, 0, 0);

        CREATE TABLE persons (id INTEGER PRIMARY KEY AUTOINCREMENT, created INTEGER NOT NULL, name ANY NOT NULL, name_lookup BLOB NOT NULL,
            external_key ANY, external_lookup BLOB, metadata ANY) STRICT;
        CREATE INDEX persons_name ON persons (name_lookup);
        CREATE UNIQUE INDEX persons_external ON persons (external_lookup) WHERE external_lookup IS NOT NULL;

        CREATE TABLE samples (id INTEGER PRIMARY KEY AUTOINCREMENT, person_id INTEGER NOT NULL REFERENCES persons (id), created INTEGER NOT NULL, coordinates BLOB NOT NULL,
            face_width REAL, detector_score REAL, sharpness REAL, yaw REAL, pitch REAL, roll REAL,
            source ANY, source_sha256 ANY, source_lookup BLOB) STRICT;
        CREATE INDEX samples_person ON samples (person_id);
        CREATE INDEX samples_source ON samples (source_lookup) WHERE source_lookup IS NOT NULL;

        CREATE TABLE crops (sample_id INTEGER PRIMARY KEY REFERENCES samples (id), picture BLOB NOT NULL) STRICT;
        CREATE TABLE deletions (id INTEGER PRIMARY KEY AUTOINCREMENT, sample_id INTEGER NOT NULL) STRICT;
        CREATE TABLE audit (id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, action TEXT NOT NULL, person_id INTEGER, sample_id INTEGER, detail TEXT) STRICT;

        CREATE TRIGGER persons_added AFTER INSERT ON persons BEGIN UPDATE state SET persons = persons + 1; END;
        CREATE TRIGGER persons_deleted AFTER DELETE ON persons BEGIN UPDATE state SET persons = persons - 1, deletions = deletions + 1; END;
        CREATE TRIGGER samples_added AFTER INSERT ON samples BEGIN UPDATE state SET samples = samples + 1, stamp = randomblob(16); END;
        CREATE TRIGGER samples_deleted AFTER DELETE ON samples BEGIN
            UPDATE state SET samples = samples - 1, stamp = randomblob(16), deletions = deletions + 1;
            INSERT INTO deletions (sample_id) VALUES (OLD.id);
        END;
        CREATE TRIGGER crops_added AFTER INSERT ON crops BEGIN UPDATE state SET crops = crops + 1; END;
        CREATE TRIGGER crops_deleted AFTER DELETE ON crops BEGIN UPDATE state SET crops = crops - 1; END;
        """;

    const string Merges =
        // Who was merged into another is shown by nothing; what was moved is what undoing that moves back.
        """
        ALTER TABLE persons ADD COLUMN merged_into INTEGER REFERENCES persons (id);
        CREATE INDEX persons_merged ON persons (merged_into) WHERE merged_into IS NOT NULL;
        CREATE TABLE moves (id INTEGER PRIMARY KEY, person_id INTEGER NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
            sample_id INTEGER NOT NULL REFERENCES samples (id) ON DELETE CASCADE) STRICT;
        CREATE INDEX moves_person ON moves (person_id);
        CREATE INDEX moves_sample ON moves (sample_id);

        DROP TRIGGER persons_deleted;
        CREATE TRIGGER persons_deleted AFTER DELETE ON persons BEGIN
            UPDATE state SET persons = persons - (OLD.merged_into IS NULL), deletions = deletions + 1;
        END;
        CREATE TRIGGER persons_merged AFTER UPDATE OF merged_into ON persons BEGIN
            UPDATE state SET persons = persons + (NEW.merged_into IS NULL) - (OLD.merged_into IS NULL);
        END;
        """;

    public static int Version => Steps.Count;

    /// <summary>Brings the tables to the last of <paramref name="steps"/>, in one transaction.</summary>
    /// <returns>Whether they were older.</returns>
    public static bool Upgrade(SqliteDatabase database, IReadOnlyList<Step> steps, byte[]? dataKey) => database.Transaction(() =>
    {
        // Another process may have been first.
        var version = (int)database.Number("PRAGMA user_version");
        if (version >= steps.Count) return false;
        for (var i = version; i < steps.Count; i++) steps[i](database, dataKey);
        database.Script($"PRAGMA user_version = {steps.Count}");
        if (version > 0) Log(database, "migrate", null, null, FormattableString.Invariant($"from version {version} to {steps.Count}"));
        return true;
    });

    public static void Log(SqliteDatabase database, string action, long? person, long? sample, string? detail = null)
        => database.Execute("INSERT INTO audit (at, action, person_id, sample_id, detail) VALUES ($0, $1, $2, $3, $4)",
            Now(), action, person, sample, detail);

    public static long Now() => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
}
