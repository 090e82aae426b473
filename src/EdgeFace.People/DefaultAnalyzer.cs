using EdgeFace.Vision;

namespace EdgeFace.People;

/// <summary>The shortest way from a photo to an embedding.</summary>
public static class DefaultAnalyzer
{
    extension(FaceAnalyzer)
    {
        /// <summary>Makes an analyzer of photos with the embedded models; all its parts end with it.</summary>
        /// <param name="options">How the parts work; null for the defaults.</param>
        /// <exception cref="ArgumentException">An option is out of range.</exception>
        public static FaceAnalyzer CreateDefault(AnalyzerOptions? options = null)
        {
            using ModelFile detector = DefaultModels.OpenDetector(), refiner = DefaultModels.OpenRefiner();
            using var recogniser = DefaultModels.OpenRecogniser();
            return FaceAnalyzer.Create(detector, refiner, recogniser, options);
        }
    }
}
