namespace EdgeFace.Gallery;

public sealed partial class SqliteGallery
{
    /// <inheritdoc/>
    public Person MergePeople(long into, long from)
    {
        if (into == from) throw new GalleryException($"person {into} cannot be merged into themselves: name two people");
        return Changed("to merge people", () =>
        {
            var together = RequirePerson(into).Samples + RequirePerson(from).Samples;
            if (together > _description.MostSamples)
                throw new GalleryException($"person {into} and person {from} have {together} samples together, more than the "
                    + $"{_description.MostSamples} that this gallery allows; delete some first");
            var moved = _database.Rows("SELECT id FROM samples WHERE person_id = $0 ORDER BY id", r => r.Id(0), from);
            foreach (var sample in moved)
            {
                Move(sample, from, into);
                _database.Execute("INSERT INTO moves (person_id, sample_id) VALUES ($0, $1)", from, sample);
            }
            _database.Execute("UPDATE persons SET merged_into = $1 WHERE id = $0", from, into);
            SqliteSchema.Log(_database, "merge", into, null, FormattableString.Invariant($"person {from}, samples {moved.Count}"));
            return _rows.Find(into)!;
        });
    }

    /// <inheritdoc/>
    public Person UndoMerge(long from) => Changed("to undo a merge", () =>
    {
        var into = _rows.MergedInto(from) ?? throw new GalleryException($"no person {from} was merged into another, as far as is known still");
        // Oldest first: what was merged into them earlier comes back to them, and can be undone next.
        const string Moved = "SELECT id, sample_id FROM moves WHERE person_id = $0 ORDER BY id";
        var moved = _database.Rows(Moved, r => (Move: r.Integer(0), Sample: r.Id(1)), from);
        foreach (var (move, sample) in moved)
        {
            Move(sample, _database.Number("SELECT person_id FROM samples WHERE id = $0", sample), from);
            // Whoever had it in between gets it back from nobody.
            _database.Execute("DELETE FROM moves WHERE sample_id = $0 AND id >= $1", sample, move);
        }
        _database.Execute("UPDATE persons SET merged_into = NULL WHERE id = $0", from);
        SqliteSchema.Log(_database, "unmerge", from, null, FormattableString.Invariant($"person {into}, samples {moved.Count}"));
        return _rows.Find(from)!;
    });

    /// <inheritdoc/>
    public Sample MoveSample(long sampleId, long toPersonId) => Changed("to move a sample", () =>
    {
        var stored = _database.Rows("SELECT id, person_id, coordinates, source_lookup FROM samples WHERE id = $0",
            r => (Person: r.Id(1), Coordinates: r.Bytes(2), Source: r.Value(3) as byte[]), sampleId);
        if (stored is not [var (from, coordinates, source)]) throw new GalleryException($"there is no sample {sampleId}");
        RequirePerson(toPersonId);
        if (from != toPersonId)
        {
            OwnScore(toPersonId, StoredCoordinates.Widen(_rows.Coordinates(coordinates, sampleId, from)), source);
            Move(sampleId, from, toPersonId);
            _database.Execute("DELETE FROM moves WHERE sample_id = $0", sampleId);
            SqliteSchema.Log(_database, "move-sample", toPersonId, sampleId, FormattableString.Invariant($"person {from}"));
        }
        return _database.Rows($"SELECT {SqliteRows.SampleColumns} FROM samples WHERE id = $0", _rows.ReadSample, sampleId)[0];
    });

    /// <summary>What is encrypted is bound to its person, and so is encrypted anew. The index knows samples and not whose they are.</summary>
    void Move(long sample, long from, long to)
    {
        if (_cipher.Encrypts)
        {
            const string Values = "SELECT id, coordinates, source, source_sha256 FROM samples WHERE id = $0";
            foreach (var values in _database.Rows(Values, r => (object?[])[r.Id(0), Rebound(r, 1), Rebound(r, 2), Rebound(r, 3)], sample))
                _database.Execute("UPDATE samples SET coordinates = $1, source = $2, source_sha256 = $3 WHERE id = $0", values);
            foreach (var crop in _database.Rows("SELECT sample_id, picture FROM crops WHERE sample_id = $0", r => Rebound(r, 1), sample))
                _database.Execute("UPDATE crops SET picture = $1 WHERE sample_id = $0", sample, crop);
        }
        _database.Execute("UPDATE samples SET person_id = $1 WHERE id = $0", sample, to);

        object? Rebound(SqliteRow row, int column)
        {
            if (row.IsNull(column)) return null;
            var what = row.Name(column) switch { "source_sha256" => "source hash", "picture" => "crop", var same => same };
            return _cipher.Seal(_cipher.Open(row.Bytes(column), new(what, sample, from)), new(what, sample, to));
        }
    }

    /// <summary>A person and whoever was merged into them, directly or not, in the order in which they can be deleted.</summary>
    List<long> WithMerged(long person)
    {
        List<long> found = [person];
        for (var i = 0; i < found.Count; i++)
            found.AddRange(_database.Rows("SELECT id FROM persons WHERE merged_into = $0", r => r.Id(0), found[i]).Except(found));
        found.Reverse();
        return found;
    }
}
