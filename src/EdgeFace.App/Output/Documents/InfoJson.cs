namespace EdgeFace.App.Output;

sealed record KernelSetJson(string Name, bool Accelerated);

sealed record SelfTestJson(bool Passed, double Cosine);

sealed record InfoJson(string Schema, string Version, string Runtime, string System, string Architecture, int Processors,
    string[] CpuFeatures, string Kernels, KernelSetJson[] KernelSets, string? Warning, ModelJson Model, SelfTestJson SelfTest);
