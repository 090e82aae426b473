namespace EdgeFace.People.Documents;

/// <param name="Person">Who has the samples now.</param>
/// <param name="From">Who was merged into them; null where that was undone.</param>
sealed record MergeJson(string Schema, PersonJson Person, long? From);
