namespace EdgeFace.Gallery.Postgres;

/// <summary>People: added, changed and looked up.</summary>
sealed class PostgresPeople(PostgresDatabase database)
{
    public async Task<Person> Add(NewPerson person, CancellationToken cancellationToken)
    {
        var accepted = GalleryRules.Accepted(person);
        return await database.Write(async session =>
        {
            await PersonRows.RequireFree(session, accepted.ExternalKey, null).ConfigureAwait(false);
            if (await PersonRows.Insert(session, accepted).ConfigureAwait(false) is not { } added)
            {
                await PersonRows.RequireFree(session, accepted.ExternalKey, null).ConfigureAwait(false);
                throw new GalleryException($"the external key '{accepted.ExternalKey}' belongs to another person already");
            }
            await Ledger.Count(session, 1, 0, 0).ConfigureAwait(false);
            return added;
        }, cancellationToken).ConfigureAwait(false);
    }

    public Task<Person> Update(long personId, NewPerson person, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(person);
        return database.Write(async session =>
        {
            var accepted = GalleryRules.Accepted(person, await PersonRows.Require(session, personId).ConfigureAwait(false));
            await PersonRows.RequireFree(session, accepted.ExternalKey, personId).ConfigureAwait(false);
            await session.Execute("UPDATE persons SET name = $2, external_key = $3, metadata = $4::text::json WHERE id = $1",
                personId, accepted.Name, accepted.ExternalKey, accepted.Metadata).ConfigureAwait(false);
            await Ledger.Log(session, "update-person", personId, null).ConfigureAwait(false);
            return (await PersonRows.Find(session, personId).ConfigureAwait(false))!;
        }, cancellationToken);
    }

    public Task<Person?> Find(long personId, CancellationToken cancellationToken)
        => database.Read(session => PersonRows.Find(session, personId), cancellationToken);

    public Task<Person?> Find(string externalKey, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(externalKey);
        return IsStorable(externalKey)
            ? database.Read(session => PersonRows.Find(session, externalKey), cancellationToken)
            : Task.FromResult<Person?>(null);
    }

    public async Task<IReadOnlyList<Person>> Page(long afterId, int count, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return await database.Read(session => PersonRows.Page(session, afterId, count), cancellationToken).ConfigureAwait(false);
    }

    public async Task<IReadOnlyList<Person>> Named(string name, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!IsStorable(name)) return [];
        return await database.Read(session => PersonRows.Named(session, NameForm.Of(name)), cancellationToken).ConfigureAwait(false);
    }

    // What the database would not take cannot be in it.
    static bool IsStorable(string text) => GalleryRules.IsText(text) && !text.Contains('\0', StringComparison.Ordinal);
}
