namespace EdgeFace.Vision;

/// <summary>One example of a <see cref="LogisticRegression"/>: which of the two kinds it is of, and how much it counts.</summary>
sealed record RegressionRow(double[] Values, bool Fine, double Weight);
