namespace EdgeFace.App.Output;

/// <summary>Progress whose each report is a step, on the thread that reports.</summary>
sealed class Steps<T>(Action step) : IProgress<T>
{
    public void Report(T value) => step();
}
