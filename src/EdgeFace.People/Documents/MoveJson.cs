namespace EdgeFace.People.Documents;

/// <param name="Person">Whose the sample is now.</param>
sealed record MoveJson(string Schema, SampleJson Sample, PersonJson Person);
