namespace EdgeFace.Training;

/// <summary>What a network in training is worth on people it never sees.</summary>
/// <param name="Agreement">Mean cosine to the teacher's embedding; null without a teacher.</param>
/// <param name="AgreementP10">The cosine that a tenth of the crops do not reach; null without a teacher.</param>
/// <param name="Accuracy">Of the pairs protocol, over the folds that the list has; 0 to 1.</param>
/// <param name="Fnmr">At FMR 1e-4 over all pairs; null where the data do not support it or nobody is known.</param>
readonly record struct ValidationFigures(double? Agreement, double? AgreementP10, double Accuracy, double? Fnmr);
