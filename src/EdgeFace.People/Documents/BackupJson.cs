namespace EdgeFace.People.Documents;

/// <param name="File">What was written.</param>
/// <param name="Of">What it was made of.</param>
sealed record BackupJson(string Schema, string File, string Of, long Persons, long Samples);
