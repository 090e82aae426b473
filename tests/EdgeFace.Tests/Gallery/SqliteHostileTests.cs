using EdgeFace.Gallery;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Gallery;

/// <summary>
/// A gallery's file may hold anything: whatever is read is checked, and nothing but <see cref="GalleryException"/> leaves the library.
/// </summary>
public sealed class SqliteHostileTests : IDisposable
{
    readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    string Path => _folder["people.db"];

    SqliteDatabase Raw() => new(Path, TimeSpan.FromSeconds(1));

    byte[] Fill(GalleryKey? key = null)
    {
        using (var gallery = SqliteGallery.Create(Path, KnownPeople.Contract, KnownPeople.Space, new() { Key = key }))
        {
            for (var p = 0; p < 4; p++)
                gallery.Enrol(new($"person {p}") { ExternalKey = $"key {p}", Metadata = """{"room":12}""" },
                [
                    new(KnownPeople.Photo(p, 1))
                    {
                        Source = $"{p}.jpg",
                        SourceSha256 = KnownPeople.Hash(p),
                        Crop = KnownPeople.Crop(new byte[7]),
                        Quality = new() { FaceWidth = 90, DetectorScore = 0.9, Yaw = 3 },
                    },
                ]);
            gallery.DeletePerson(4);
        }
        return File.ReadAllBytes(Path);
    }

    /// <summary>Changes the file as no gallery would: the tables take any value meanwhile, and look as before afterwards.</summary>
    void Change(string sql)
    {
        Dictionary<string, string> tables = [];
        using (var raw = Raw())
        {
            raw.Each("SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
                r => tables.Add((string)r.Value(0)!, (string)r.Value(1)!));
            // Outside a strict table ANY would make numbers of texts.
            raw.Script("""
                PRAGMA writable_schema = ON;
                UPDATE sqlite_schema SET sql = replace(replace(replace(replace(sql, ' STRICT, ', ' '), ' STRICT', ''), ' NOT NULL', ''), ' ANY', ' BLOB') WHERE type = 'table'
                """);
        }
        using (var raw = Raw()) raw.Script("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON; " + sql);
        using (var raw = Raw())
        {
            raw.Script("PRAGMA writable_schema = ON");
            foreach (var (name, text) in tables) raw.Execute("UPDATE sqlite_schema SET sql = $1 WHERE name = $0 AND type = 'table'", name, text);
        }
    }

    List<string> UseAll(GalleryKey? key)
    {
        List<string> refused = [];
        foreach (var access in Enum.GetValues<GalleryAccess>())
            Try(() =>
            {
                using var gallery = SqliteGallery.Open(Path, null,
                    new() { Key = key, Access = access, BusyTimeout = TimeSpan.FromMilliseconds(50) });
                foreach (var use in Operations(gallery, key)) Try(() => use());
            });
        if (key is null)
        {
            Try(() => SqliteGallery.Reembed(Path, new(), KnownPeople.OtherContract, KnownPeople.Space,
                batch => [.. batch.Select(s => KnownPeople.Photo((int)s.Sample.Id, 1, KnownPeople.OtherContract))], true));
            var made = _folder["made.db"];
            Try(() => SqliteGallery.Create(made, KnownPeople.Contract, KnownPeople.Space, new()).Dispose());
            Try(() => SqliteGallery.Replace(made, Path));
            File.Delete(made);
        }
        return refused;

        void Try(Action use)
        {
            try
            {
                use();
            }
            catch (GalleryException e)
            {
                refused.Add(e.Message);
            }
        }
    }

    IEnumerable<Action> Operations(SqliteGallery gallery, GalleryKey? key)
    {
        yield return () => _ = gallery.Info;
        yield return () => gallery.Check();
        yield return () => gallery.Persons();
        yield return () => gallery.Audit();
        yield return () => gallery.PersonsNamed("person 1");
        yield return () => gallery.FindPerson("key 2");
        yield return () => gallery.ContainsSource(KnownPeople.Hash(1));
        for (var n = 1; n <= 3; n++)
        {
            var id = n;
            yield return () => gallery.FindPerson(id);
            yield return () => gallery.Samples(id);
            yield return () => gallery.Crop(id);
            yield return () => gallery.EmbeddingOf(id);
        }
        yield return () => gallery.Search([KnownPeople.Photo(1, 2)], 3);
        yield return () => gallery.Identify([KnownPeople.Photo(1, 2)], new(0.5, 1e-4));
        yield return () =>
        {
            var to = _folder[$"export-{Guid.NewGuid():N}"];
            GalleryExport.Write(gallery, to, null, TestContext.Current.CancellationToken);
            Directory.Delete(to, true);
        };
        yield return () => gallery.Enrol(new("new") { ExternalKey = "new" },
            [new(KnownPeople.Photo(9, 1)) { SourceSha256 = KnownPeople.Hash(9) }], new() { ResemblanceThreshold = 0.3 });
        yield return () => gallery.Enrol(1, new(KnownPeople.Photo(0, 5)), new() { ResemblanceThreshold = 0.3 });
        yield return () => gallery.AddPerson(new("added"));
        yield return () => gallery.UpdatePerson(2, new("updated"));
        yield return () => gallery.Together(() => gallery.AddPerson(new("together")));
        yield return () => gallery.DeleteSample(3);
        yield return () => gallery.DeletePerson(1);
        if (key is not null) yield return () => gallery.ChangeKey(key);
    }

    /// <summary>What the check must find, or every opening refuse.</summary>
    [Theory]
    [InlineData("UPDATE persons SET created = 9000000000000000000 WHERE id = 2",
        "persons.created of row 2 holds 9000000000000000000, where a time is expected")]
    [InlineData("UPDATE persons SET created = -9000000000000000000 WHERE id = 2", "persons.created of row 2")]
    [InlineData("UPDATE persons SET created = 'yesterday' WHERE id = 2", "persons.created of row 2")]
    [InlineData("UPDATE samples SET created = NULL WHERE id = 2", "samples.created of row 2 holds nothing")]
    [InlineData("UPDATE audit SET at = 9000000000000000000 WHERE id = 2", "audit.at of row 2")]
    [InlineData("UPDATE audit SET action = NULL WHERE id = 2", "audit.action of row 2")]
    [InlineData("UPDATE samples SET yaw = 9e999 WHERE id = 2", "samples.yaw of row 2")]
    [InlineData("UPDATE samples SET detector_score = 2.0 WHERE id = 2", "samples.detector_score of row 2")]
    [InlineData("UPDATE persons SET metadata = '{' WHERE id = 2", "persons.metadata of row 2")]
    [InlineData("UPDATE persons SET name = NULL WHERE id = 2", "persons.name of row 2")]
    [InlineData("UPDATE persons SET id = -2 WHERE id = 2", "persons.id holds -2")]
    [InlineData("UPDATE samples SET source_sha256 = 'abc' WHERE id = 2", "samples.source_sha256 of row 2")]
    [InlineData("UPDATE samples SET coordinates = NULL WHERE id = 2", "samples.coordinates of row 2")]
    [InlineData("UPDATE crops SET picture = 'a text' WHERE sample_id = 2", "crops.picture of row 2")]
    [InlineData("UPDATE crops SET picture = zeroblob(2000000) WHERE sample_id = 2", "crops.picture of row 2")]
    [InlineData("UPDATE deletions SET sample_id = 'four'", "deletions.sample_id of row 1")]
    [InlineData("UPDATE meta SET value = 'null' WHERE name = 'contract'", "its description names no contract")]
    [InlineData("UPDATE meta SET value = '{}' WHERE name = 'contract'", "a contract that cannot be read")]
    [InlineData("UPDATE meta SET value = x'00' WHERE name = 'contract'", "meta.value of 'contract'")]
    [InlineData("UPDATE meta SET value = replace(value, '64', '0') WHERE name = 'contract'", "its description names no contract")]
    [InlineData("UPDATE meta SET value = replace(value, '64,', '1073741824,') WHERE name = 'contract'", "its description names no contract")]
    [InlineData("UPDATE meta SET value = 0 WHERE name = 'most samples per person'", "meta.value of 'most samples per person'")]
    [InlineData("UPDATE meta SET value = 9000000000000000000 WHERE name = 'created'", "meta.value of 'created'")]
    [InlineData("UPDATE meta SET value = x'00' WHERE name = 'id'", "meta.value of 'id'")]
    [InlineData("UPDATE meta SET value = x'0000' WHERE name = 'projection'", "projection")]
    [InlineData("DELETE FROM meta WHERE name = 'contract'", "lacks 'contract'")]
    [InlineData("DELETE FROM state", "its table 'state' has 0 rows")]
    [InlineData("UPDATE state SET persons = 'many'", "state.persons of row 1")]
    [InlineData("UPDATE state SET deletions = -1", "state.deletions of row 1")]
    [InlineData("UPDATE state SET stamp = x'00'", "state.stamp of row 1")]
    [InlineData("DROP TABLE audit", "its table 'audit' is missing")]
    [InlineData("DROP TABLE state", "its table 'state' is missing")]
    [InlineData("DROP INDEX persons_name", "its index 'persons_name' is missing")]
    [InlineData("DROP TRIGGER samples_added", "its trigger 'samples_added' is missing")]
    [InlineData("DROP TRIGGER samples_added; CREATE TRIGGER samples_added AFTER INSERT ON samples BEGIN SELECT 1; END",
        "its trigger 'samples_added' is not as it was made")]
    [InlineData("CREATE TRIGGER x AFTER INSERT ON persons BEGIN DELETE FROM samples; END", "its trigger 'x' is foreign")]
    [InlineData("CREATE VIEW x AS SELECT * FROM persons", "its view 'x' is foreign")]
    [InlineData("CREATE UNIQUE INDEX x ON samples (person_id)", "its index 'x' is foreign")]
    [InlineData("CREATE TABLE x (person INTEGER REFERENCES persons (id))", "its table 'x' is foreign")]
    [InlineData("UPDATE sqlite_sequence SET seq = 9223372036854775807 WHERE name = 'persons'", "the last number of its table 'persons'")]
    [InlineData("UPDATE sqlite_sequence SET seq = 9223372036854775807 WHERE name = 'audit'", "the last number of its table 'audit'")]
    [InlineData("UPDATE sqlite_sequence SET seq = 0 WHERE name = 'samples'", "the last number of its table 'samples'")]
    [InlineData("UPDATE sqlite_sequence SET seq = 'x' WHERE name = 'deletions'", "the last number of its table 'deletions'")]
    [InlineData("DELETE FROM sqlite_sequence", "the last number of its table 'persons'")]
    public void Check_finds_or_opening_refuses(string change, string problem)
    {
        Fill();
        Change(change);
        string[] problems;
        try
        {
            using var gallery = SqliteGallery.Open(Path, null, new());
            problems = [.. gallery.Check().Problems];
        }
        catch (GalleryException e)
        {
            Assert.Equal(ErrorKind.Input, e.Kind);
            problems = [e.Message];
        }
        Assert.True(Array.Exists(problems, p => p.Contains(problem, StringComparison.Ordinal)), string.Join('\n', problems));
        UseAll(null);
    }

    [Theory]
    [InlineData("persons")]
    [InlineData("samples")]
    [InlineData("audit")]
    public void Numbers_that_are_used_up_are_named_and_no_full_disk(string table)
    {
        Fill();
        using (var raw = Raw()) raw.Script($"UPDATE sqlite_sequence SET seq = {long.MaxValue} WHERE name = '{table}'");
        using var gallery = SqliteGallery.Open(Path, null, new());
        var refused = Assert.Throws<GalleryException>(() => gallery.Enrol(new("new"), [new(KnownPeople.Photo(9, 1))]));
        Assert.Contains($"the numbers of its table '{table}' are used up", refused.Message, StringComparison.Ordinal);
        // What is there can be brought away.
        Assert.Equal(3, GalleryExport.Write(gallery, _folder["export"], null, TestContext.Current.CancellationToken).Persons);
    }

    [Fact]
    public void Statistics_of_SQLite_are_no_foreign_table()
    {
        Fill();
        using (var raw = Raw()) raw.Script("ANALYZE");
        using var gallery = SqliteGallery.Open(Path, null, new());
        Assert.Empty(gallery.Check().Problems);
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 2)]
    public void Any_cell_may_hold_anything(bool encrypted, int seed)
    {
        var key = encrypted ? GalleryKey.Generate() : null;
        var whole = Fill(key);
        List<(string Table, string Column)> cells;
        using (var raw = Raw())
            cells = raw.Rows("SELECT m.name, c.name FROM sqlite_schema m, pragma_table_info(m.name) c WHERE m.type = 'table' ORDER BY 1, 2",
                r => ((string)r.Value(0)!, (string)r.Value(1)!));
        var random = new Random(seed);
        string[] values =
        [
            "NULL", "0", "-1", "9223372036854775807", "(-9223372036854775807 - 1)", "253402300800000",
            "1e308", "9e999", "-9e999", "0.5", "'text'", "''", "'{\"a\":1}'",
            "zeroblob(16)", "x''", "zeroblob(3000000)", "printf('%.100000c', 'x')", "x'ff00ff'",
            "CAST(x'ff' AS TEXT)", "randomblob(128)", "char(0xd800)",
        ];
        var refusals = 0;
        foreach (var (table, column) in cells)
            foreach (var value in values.OrderBy(_ => random.Next()).Take(encrypted ? 2 : 4))
            {
                Restore(whole);
                try
                {
                    Change($"UPDATE {table} SET {column} = {value} WHERE (SELECT count(*) FROM {table}) = 1 "
                        + $"OR abs(random()) % 2 = 0 OR {column} = (SELECT max({column}) FROM {table})");
                }
                catch (GalleryException)
                {
                    // The primary key takes no such value.
                    continue;
                }
                refusals += UseAll(key).Count;
            }
        Assert.True(refusals > 0);
    }

    [Theory]
    [InlineData(false, 3)]
    [InlineData(true, 4)]
    public void Any_bytes_may_be_others(bool encrypted, int seed)
    {
        var key = encrypted ? GalleryKey.Generate() : null;
        var whole = Fill(key);
        var random = new Random(seed);
        var refusals = 0;
        for (var i = 0; i < 60; i++)
        {
            var bytes = whole.ToArray();
            for (var flips = 1 << random.Next(8); flips > 0; flips--) bytes[random.Next(i % 3 == 0 ? 4096 : bytes.Length)] = (byte)random.Next(256);
            Restore(bytes);
            refusals += UseAll(key).Count;
        }
        Assert.True(refusals > 0);
    }

    void Restore(byte[] bytes)
    {
        foreach (var file in Directory.GetFiles(_folder.Path)) File.Delete(file);
        File.WriteAllBytes(Path, bytes);
    }
}
