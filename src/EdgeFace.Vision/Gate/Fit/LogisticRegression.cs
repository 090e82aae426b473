using System.Globalization;

namespace EdgeFace.Vision;

/// <summary>Tells two kinds of rows apart by a weighted sum.</summary>
static class LogisticRegression
{
    const int Rounds = 12;
    const double Ridge = 1e-4;

    /// <summary>By Newton's method on standardised values, a little regularised; the result, to six digits, takes values as they are.</summary>
    public static (double Bias, double[] Weights) Fit(List<RegressionRow> rows)
    {
        var count = rows[0].Values.Length;
        double[] mean = new double[count], scale = new double[count], weights = new double[count + 1];
        for (var j = 0; j < count; j++)
        {
            mean[j] = rows.Average(r => r.Values[j]);
            scale[j] = Math.Sqrt(rows.Average(r => (r.Values[j] - mean[j]) * (r.Values[j] - mean[j]))) + 1e-9;
        }
        var standard = rows.Select(r => r.Values.Select((v, j) => (v - mean[j]) / scale[j]).Append(1).ToArray()).ToArray();
        // Both sides weigh the same.
        double fine = rows.Where(r => r.Fine).Sum(r => r.Weight), risky = rows.Where(r => !r.Fine).Sum(r => r.Weight);
        for (var round = 0; round < Rounds; round++)
        {
            var system = new double[count + 1, count + 2];
            for (var j = 0; j <= count; j++) (system[j, j], system[j, count + 1]) = (Ridge, -Ridge * weights[j]);
            for (var n = 0; n < standard.Length; n++)
            {
                var row = standard[n];
                var sum = 0.0;
                for (var j = 0; j <= count; j++) sum += weights[j] * row[j];
                double share = 1 / (1 + Math.Exp(-sum)), weight = rows[n].Weight / (rows[n].Fine ? fine : risky);
                double curve = weight * Math.Max(share * (1 - share), 1e-6), error = weight * ((rows[n].Fine ? 1 : 0) - share);
                for (var i = 0; i <= count; i++)
                {
                    for (var j = 0; j <= count; j++) system[i, j] += curve * row[i] * row[j];
                    system[i, count + 1] += error * row[i];
                }
            }
            Solve(system);
            for (var j = 0; j <= count; j++) weights[j] += system[j, count + 1];
        }
        var folded = weights.Take(count).Select((w, j) => Rounded(w / scale[j])).ToArray();
        return (Rounded(weights[count] - folded.Zip(mean, (w, m) => w * m).Sum()), folded);
    }

    /// <summary>Solves linear equations, the right sides in the last column, where the solution is left.</summary>
    static void Solve(double[,] system)
    {
        var count = system.GetLength(0);
        for (var c = 0; c < count; c++)
        {
            var pivot = c;
            for (var i = c + 1; i < count; i++)
                if (Math.Abs(system[i, c]) > Math.Abs(system[pivot, c])) pivot = i;
            for (var j = 0; j <= count; j++) (system[c, j], system[pivot, j]) = (system[pivot, j], system[c, j]);
            for (var j = count; j >= c; j--) system[c, j] /= system[c, c];
            for (var i = 0; i < count; i++)
            {
                var factor = system[i, c];
                if (i == c || factor == 0) continue;
                for (var j = c; j <= count; j++) system[i, j] -= factor * system[c, j];
            }
        }
    }

    /// <summary>To six digits: so many stand in a card.</summary>
    public static double Rounded(double value) => double.Parse(value.ToString("g6", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
