namespace EdgeFace.App.Output;

sealed record BenchRowJson(string Kernels, double MedianMs, double LowerQuartileMs, double UpperQuartileMs, double BatchImagesPerSecond);

sealed record BenchJson(string Schema, string Model, int Batch, int Threads, BenchRowJson[] Rows);
