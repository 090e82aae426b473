namespace EdgeFace.People.Documents;

sealed record EnrollJson(string Schema, bool GalleryCreated, GalleryInfoJson? Gallery, int Enrolled, int AlreadyThere, int PeopleAdded,
    double ImagesPerSecond, double? ResemblanceThreshold, double? Fmr, ResemblanceJson[] Resemblances, EnrolWarningJson[] Warnings,
    ErrorJson[] Ignored, ErrorJson[] Errors, ErrorJson[] Unanswered, bool Stopped);
