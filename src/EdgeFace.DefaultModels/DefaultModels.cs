using System.Reflection;

namespace EdgeFace;

/// <summary>
/// The models that come with EdgeFace, embedded: nothing is downloaded. They are for non-commercial research use; each one's
/// <see cref="ModelFile.Card"/> says why, how it was trained, what was measured and what it is weak at.
/// </summary>
public static class DefaultModels
{
    /// <summary>The recogniser <c>edgeface-xs-distilled</c>: EdgeFace-XS, gamma 0.6.</summary>
    public static ModelFile OpenRecogniser() => Open("edgeface-xs-distilled.efw");

    /// <summary>The face detector <c>edgeface-detector</c>.</summary>
    public static ModelFile OpenDetector() => Open("edgeface-detector.efw");

    /// <summary>The detector's second stage <c>edgeface-refiner</c>.</summary>
    public static ModelFile OpenRefiner() => Open("edgeface-refiner.efw");

    static ModelFile Open(string name)
    {
        // Resources are mapped with the assembly and live as long as it does.
        var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name) as UnmanagedMemoryStream
            ?? throw new InvalidOperationException($"the embedded model '{name}' is missing from this build");
        return ModelFile.Open(stream, name);
    }
}
