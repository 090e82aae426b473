namespace EdgeFace.People.Documents;

sealed record DeletionJson(string Schema, int Persons, int Samples, int Crops, bool Cleared);
