from hypothesis import settings

settings.register_profile("adverts", deadline=None)
settings.load_profile("adverts")
