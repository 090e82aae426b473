namespace EdgeFace.Evaluation;

/// <summary>Where each figure of an evaluation stands in a row of numbers, so that a thousand replicates are a thousand such rows.</summary>
/// <param name="Classes">All faces, the classes of size, and those of label.</param>
/// <param name="Rates">Number of false positive rates.</param>
/// <param name="Scores">Number of scores.</param>
readonly record struct DetectionFigureRow(int Classes, int Rates, int Scores)
{
    int Block => 4 + Rates + Scores;

    public int Length => Classes * Block + 3 * Scores + 2 * Rates;

    public int AveragePrecision(int of) => of * Block;

    public int MeanError(int of) => of * Block + 1;

    public int MedianError(int of) => of * Block + 2;

    public int Percentile95Error(int of) => of * Block + 3;

    public int RecallAtRate(int of, int rate) => of * Block + 4 + rate;

    public int RecallAtScore(int of, int score) => of * Block + 4 + Rates + score;

    public int Precision(int score) => Classes * Block + 3 * score;

    public int FalsePerPicture(int score) => Classes * Block + 3 * score + 1;

    public int PerPictureWithoutFaces(int score) => Classes * Block + 3 * score + 2;

    public int ScoreAtRate(int rate) => Classes * Block + 3 * Scores + 2 * rate;

    public int FalseAtRate(int rate) => Classes * Block + 3 * Scores + 2 * rate + 1;
}
