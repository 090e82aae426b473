namespace EdgeFace.People.Documents;

sealed record ContractJson(string Model, string WeightsSha256, int Dimension, string Preprocessing, string Aligner)
{
    public static ContractJson Of(EmbeddingContract c) => new(c.Model, c.WeightsSha256, c.Dimension, c.Preprocessing, c.Aligner);
}
