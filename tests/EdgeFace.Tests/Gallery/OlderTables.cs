namespace EdgeFace.Tests.Gallery;

/// <summary>Makes the tables of a gallery file those of an older version; whoever runs it writes the version too.</summary>
static class OlderTables
{
    /// <summary>Those of version 3, before people could be merged.</summary>
    public const string BeforeMerges = """
        DROP INDEX persons_merged; DROP TRIGGER persons_merged; DROP TRIGGER persons_deleted; DROP TABLE moves;
        CREATE TRIGGER persons_deleted AFTER DELETE ON persons BEGIN UPDATE state SET persons = persons - 1, deletions = deletions + 1; END;
        PRAGMA writable_schema = ON;
        UPDATE sqlite_schema SET sql = replace(sql, ', merged_into INTEGER REFERENCES persons (id)', '') WHERE name = 'persons';
        """;
}
